"""``qianbai contract`` writes the API's contract from the code, or says whether the written one is stale."""

import tempfile
from pathlib import Path

import click


@click.command()
@click.option("--check", is_flag=True, help="只比较，不写入 / compare without writing")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="openapi.yaml")
def contract(file: Path, *, check: bool) -> None:
    """写出接口文档 / write the API contract (openapi.yaml)."""
    text = written_contract()
    if not check:
        file.write_text(text, encoding="utf-8")
        click.echo(f"已写入 written: {file}")
    elif not file.exists() or file.read_text(encoding="utf-8") != text:
        raise click.ClickException(
            f"{file} 与代码不一致，请运行 qianbai contract / {file} differs from the code: run `qianbai contract`"
        )


def written_contract() -> str:
    """The contract of this code; nothing is connected for it."""
    from service.app import create_app
    from service.http.contract import contract_text
    from service.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url="postgresql://nowhere", store=folder, secret=b"none", data=Path(folder)
        )
        return contract_text(create_app(settings).extensions["qianbai-spec"])
