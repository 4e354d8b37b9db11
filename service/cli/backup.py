"""``qianbai backup DIR`` and ``qianbai restore DIR``: the whole of an installation, out and in again."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.exc import OperationalError

from service.backup.errors import BackupRefusal, NotEmpty
from service.cli.installation import reached
from service.kernel.data_folder import DataFolderBusyError, locked, prepare
from service.kernel.durability import UnfitDatabaseError
from service.kernel.embedded import EmbeddedPostgres, EmbeddedPostgresError

if TYPE_CHECKING:
    from service.audit.chain import Anchor
    from service.backup.manifest import Manifest
    from service.backup.place import Backup, Place
    from service.backup.restoring import Restored
    from service.backup.taking import Taken
    from service.settings import Settings

_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
_data = click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="数据目录 / data folder  [var]"
)
_name = click.option("--name", default=None, help="哪一份备份，默认最新 / which backup  [the newest]")


@click.command()
@_folder
@click.option("--keep", type=click.IntRange(1), default=None, help="只保留最新 N 份 / keep the newest N only")
@click.option("--verify", "only_verify", is_flag=True, help="只核验已有备份 / check a backup and make none")
@_name
@_data
def backup(*, folder: Path, keep: int | None, only_verify: bool, name: str | None, data: Path | None) -> None:
    """备份数据库与照片，服务照常运行 / back up the database and the photos while everything goes on."""
    from service.backup.place import Place

    place = Place(folder.resolve())
    with _plain_words():
        if only_verify:
            _check(place, name)
            return
        taken = _take(place, data)
        _tell_taken(taken)
        if keep is not None:
            with place.held():
                gone, objects, size = place.prune(keep)
            click.echo(f"已清理旧备份 old backups removed: {gone}，照片 objects {objects}，{_mb(size)} MB")
    if not taken.is_whole:
        raise click.ClickException(
            "备份已完成，但照片库缺少上列照片，请查明原因。 / "
            "The backup is made, but the photo store has lost the photos listed above: find out why."
        )


@click.command()
@_folder
@_name
@click.option(
    "--anchor", "noted", default=None, metavar="NO:HASH", help="另处记下的封条 / a seal noted elsewhere"
)
@click.option(
    "--check-ledgers", is_flag=True, help="核对台账与走访记录 / compare the ledgers with the visits"
)
@_data
def restore(
    *, folder: Path, name: str | None, noted: str | None, check_ledgers: bool, data: Path | None
) -> None:
    """恢复到空的位置 / put a backup back onto an empty place."""
    from service.audit.chain import NotAnAnchorError, read_anchor
    from service.backup.checking import checked
    from service.backup.place import Place
    from service.backup.restoring import demand_fit

    try:
        anchor = read_anchor(noted) if noted else None
    except NotAnAnchorError as error:
        raise click.BadParameter(
            "应为 编号:64位十六进制 / NUMBER:64 HEX DIGITS", param_hint="--anchor"
        ) from error
    place = Place(folder.resolve())
    with _plain_words(), place.read():
        chosen = place.backup(name)
        click.echo(f"正在核验备份 checking backup {chosen.name} …")
        manifest = checked(chosen)
        demand_fit(manifest)
        with _empty_place(data, chosen, manifest) as settings:
            restored = _restore(chosen, manifest, settings, anchor)
            ledgers_are_right = _ledgers_are_right(settings) if check_ledgers else True
    if not (restored.chain.is_sound and ledgers_are_right):
        raise click.ClickException(
            "已恢复，但核对有不符，见上。 / Restored, but what was compared does not fit, see above."
        )


def _take(place: "Place", data: Path | None) -> "Taken":
    from media.stores.opening import open_store
    from service.backup.programs import find_programs
    from service.backup.taking import Source, own_secret, take_backup

    with reached(data) as settings:
        store = open_store(settings.store, os.environ)
        source = Source(settings, store, find_programs(os.environ), own_secret(settings))
        return take_backup(source, place, say=click.echo)


def _check(place: "Place", name: str | None) -> None:
    from service.backup.checking import checked

    with place.read():
        chosen = place.backup(name)
        found = checked(chosen)
    click.echo(
        f"备份完好 sound: {chosen.name}，照片 photos {found.photos.objects}，{_mb(found.photos.bytes)} MB"
    )
    _tell_lost(found)


def _restore(
    chosen: "Backup", manifest: "Manifest", settings: "Settings", anchor: "Anchor | None"
) -> "Restored":
    from media.stores.opening import open_store
    from service.backup.programs import find_programs
    from service.backup.restoring import Target, restore_backup

    began = time.monotonic()
    target = Target(settings, open_store(settings.store, os.environ), find_programs(os.environ))
    restored = restore_backup(chosen, manifest, target, say=click.echo, noted=anchor)
    _tell_restored(manifest, restored, time.monotonic() - began)
    return restored


@contextmanager
def _empty_place(data: Path | None, chosen: "Backup", manifest: "Manifest") -> "Iterator[Settings]":
    """The settings of an installation that holds nothing yet, held until the block ends."""
    from service.backup.restoring import demand_room
    from service.settings import Settings

    folder = (data or Path(os.environ.get("QIANBAI_DATA", "var"))).resolve()
    given = os.environ.get("DATABASE_URL", "")
    store = os.environ.get("QIANBAI_STORE") or str(folder / "photos")
    photos = None if store.startswith("s3://") else Path(store)
    demand_room(manifest, database=None if given else folder, photos=photos)
    with locked(prepare(folder)):
        if given:
            _put_secret(folder, chosen, manifest)
            yield Settings.from_environment(os.environ, data=folder)
            return
        with _fresh_database(folder) as url:
            _put_secret(folder, chosen, manifest)
            yield Settings.from_environment(os.environ | {"DATABASE_URL": url}, data=folder)


@contextmanager
def _fresh_database(folder: Path) -> Iterator[str]:
    """The embedded database, empty; what an interrupted restore left of one is made anew."""
    from service.backup.restoring import demand_empty, is_half_restored

    database = EmbeddedPostgres(folder / "pg")
    try:
        database.start()
        if is_half_restored(database.url):
            database.stop()
            shutil.rmtree(folder / "pg")
            database.start()
        demand_empty(database.url)
        yield database.url
    finally:
        database.stop()


def _put_secret(folder: Path, chosen: "Backup", manifest: "Manifest") -> None:
    """The installation has the secret of the backup, or one that the operator gives, with a warning if it is another."""
    from service.backup import durable
    from service.backup.place import SECRET
    from service.backup.snapshot import secret_print

    given = os.environ.get("QIANBAI_SECRET", "").encode()
    path = folder / "secret"
    if given and secret_print(given) != manifest.origin.secret_print:
        click.echo(
            "警告：QIANBAI_SECRET 与备份时不同，所有手机须重新登录。 / "
            "WARNING: QIANBAI_SECRET is not the one of the backup: every phone has to sign in again."
        )
    if given:
        return
    if SECRET not in manifest.files:
        raise BackupRefusal(
            "备份时密钥由 QIANBAI_SECRET 给出，不在备份内：请以同一 QIANBAI_SECRET 运行",
            "the secret was given by QIANBAI_SECRET and is not in the backup: run with the same QIANBAI_SECRET",
        )
    secret = (chosen.folder / SECRET).read_bytes()
    with suppress(FileNotFoundError):
        if path.read_bytes() == secret:
            return
        raise NotEmpty(
            f"{path} 是另一套系统的密钥：请另选数据目录，或先移走它",
            f"{path} is the secret of another installation: choose another data folder, or move it away first",
        )
    with durable.written(path) as file:
        file.write(secret)
    durable.sync_folders([folder])


def _ledgers_are_right(settings: "Settings") -> bool:
    from service.kernel.db import make_engine, make_sessions
    from service.visits import recounting

    engine = make_engine(settings.database_url, pool_size=1)
    try:
        with make_sessions(engine)() as session:
            is_right = recounting.verify(session).clean
    finally:
        engine.dispose()
    click.echo(
        "台账与走访记录一致 the ledgers are right"
        if is_right
        else "台账与走访记录不符，请运行 qianbai rebuild / the ledgers are not what the visits say: run `qianbai rebuild`"
    )
    return is_right


def _tell_taken(taken: "Taken") -> None:
    found, work = taken.manifest, taken.work
    for brought in work.told:
        because = brought.because.value if brought.because else ""
        held = "，备份中仍有 still in the backup" if brought.held else ""
        click.echo(f"照片库缺失 MISSING FROM THE STORE ({because}): {brought.stored.key}{held}", err=True)
    if work.alarms > len(work.told):
        click.echo(
            f"另有 {work.alarms - len(work.told)} 张 / and {work.alarms - len(work.told)} more", err=True
        )
    seconds = (found.finished_at - found.began_at).total_seconds()
    click.echo(
        f"备份完成 backup made: {taken.backup.folder}   {seconds:.1f} s\n"
        f"照片 photos: {work.objects}，{_mb(work.bytes)} MB，本次新增 new: {work.copied}，{_mb(work.copied_bytes)} MB"
    )
    _tell_lost(found)
    click.echo(f"审计封条，请另处记下 audit seal, note it elsewhere: {found.origin.anchor or '-'}")
    if "secret" not in found.files:
        click.echo("QIANBAI_SECRET 不在备份内，请另行保管 / is not in the backup: keep it elsewhere")


def _tell_lost(found: "Manifest") -> None:
    for because, count in sorted(found.photos.lost.items()):
        click.echo(f"未能备份的照片 photos not in the backup: {count} ({because})")


def _tell_restored(manifest: "Manifest", restored: "Restored", seconds: float) -> None:
    done, chain = restored.finish, restored.chain
    click.echo(
        f"已恢复 restored: {restored.rows} 行 rows，{restored.photos_put + restored.photos_there} 张照片 photos   "
        f"{seconds:.1f} s\n"
        f"备份时刻 as of: {manifest.snapshot_at.isoformat(timespec='seconds')}\n"
        f"待重新生成预览 photos to be developed again: {done.to_develop}\n"
        f"待手机重传 photos expected again: {done.expected_again}\n"
        f"登录保持有效 sign-ins that stay valid: {done.sign_ins}\n"
        f"记录编号由此继续 record numbers go on from: {done.next_number}"
    )
    for finding in chain.findings:
        click.echo(f"审计链 audit chain: {finding.zh} / {finding.en}")
    if chain.is_sound:
        click.echo(f"审计链与备份封条一致 the audit chain fits the backup's seal: {chain.last or '-'}")
    click.echo(
        "请重做备份之后的设备停用、账号关闭与设备移交。 / "
        "Repeat the revocations of devices, closed accounts and handed-over devices since then."
    )


@contextmanager
def _plain_words() -> Iterator[None]:
    """A reason that a person can act on ends the command with 1 and without a trace."""
    from media.errors import MediaRefusal

    try:
        yield
    except OperationalError as error:
        raise click.ClickException(f"数据库没有响应 / the database does not answer: {error.orig}") from error
    except (
        BackupRefusal,
        DataFolderBusyError,
        UnfitDatabaseError,
        EmbeddedPostgresError,
        MediaRefusal,
        OSError,
    ) as error:
        raise click.ClickException(str(error)) from error


def _mb(size: int) -> int:
    return -(-size // 1_000_000)
