"""Ceph with its S3 gateway, a real durable server, from Debian's packages: `python -m tests.support.rgw install`.

One monitor, one store and the gateway on loopback ports, one copy of everything; nobody needs to be root to run them.
The scratch folder must lie on a file system with direct I/O (ext4, xfs).
"""

import contextlib
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import free_port, server
from tests.support.s3 import S3Server

INSTALL = ("apt-get", "install", "--no-install-recommends", "ceph-mon", "ceph-osd", "radosgw")
_PROGRAMS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
_ACCESS_KEY, _SECRET = "qianbai-app", "qianbai-rgw-secret"
_CAPABILITIES = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *"},
    "client.rgw.a": {"mon": "allow rw", "osd": "allow rwx"},
}


def installed() -> bool:
    return all(shutil.which(program) for program in _PROGRAMS)


@contextlib.contextmanager
def running(scratch: Path) -> Iterator[S3Server]:
    """A Ceph with an empty store below `scratch` and one user of its gateway."""
    monitor, gateway = free_port(), free_port()
    cluster = str(uuid.uuid4())
    _write_settings(scratch, cluster, monitor, gateway)
    _make_keys(scratch)
    _make_monitor(scratch, cluster, monitor)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_daemon(scratch, "ceph-mon", "mon.a", port=monitor))
        _make_store(scratch)
        # The store takes ports of its own choice; the user is made as soon as it answers.
        stack.enter_context(_daemon(scratch, "ceph-osd", "osd.0", port=monitor))
        _make_user(scratch)
        stack.enter_context(_daemon(scratch, "radosgw", "client.rgw.a", port=gateway))
        yield S3Server("rgw", f"http://127.0.0.1:{gateway}", _ACCESS_KEY, _SECRET, profile="rgw16")


def _daemon(scratch: Path, program: str, name: str, *, port: int) -> contextlib.AbstractContextManager[int]:
    command = [program, "-f", "--name", name, "--conf", str(scratch / "ceph.conf")]
    return server(command, port=port, log=scratch / f"{name}.out", environment={})


def _write_settings(scratch: Path, cluster: str, monitor: int, gateway: int) -> None:
    usual = {
        "fsid": cluster,
        "mon_host": f"v2:127.0.0.1:{monitor}",
        "public_addr": "127.0.0.1",
        "cluster_addr": "127.0.0.1",
        # Release 16 hangs at its first connection without cephx.
        "auth_cluster_required": "cephx",
        "auth_service_required": "cephx",
        "auth_client_required": "cephx",
        "auth_allow_insecure_global_id_reclaim": "false",
        "keyring": scratch / "keyring",
        "run_dir": scratch,
        "admin_socket": "",
        "crash_dir": scratch,
        "log_file": scratch / "$name.log",
        "mon_cluster_log_file": scratch / "cluster.log",
    }
    one_copy = {
        "osd_pool_default_size": 1,
        "osd_pool_default_min_size": 1,
        "mon_allow_pool_size_one": "true",
        "osd_pool_default_pg_num": 8,
        "osd_pool_default_pg_autoscale_mode": "off",
        "osd_crush_chooseleaf_type": 0,
        "osd_crush_update_on_start": "false",
    }
    store = {
        "mon_data": scratch / "mon",
        "osd_data": scratch / "osd",
        "osd_objectstore": "bluestore",
        "bluestore_block_create": "true",
        "bluestore_block_size": 10 << 30,  # a sparse file: it takes what is written
        "bluestore_cache_size": 128 << 20,
        "bluestore_cache_autotune": "false",
    }
    door = {"rgw_data": scratch / "rgw", "rgw_frontends": f"beast endpoint=127.0.0.1:{gateway}"}
    lines = (f"{key} = {value}\n" for key, value in (usual | one_copy | store | door).items())
    (scratch / "ceph.conf").write_text(f"[global]\n{''.join(lines)}")


def _make_keys(scratch: Path) -> None:
    keyring = str(scratch / "keyring")
    _run(scratch, "ceph-authtool", "--create-keyring", keyring)
    for name, capabilities in _CAPABILITIES.items():
        given = (word for service, rights in capabilities.items() for word in ("--cap", service, rights))
        _run(scratch, "ceph-authtool", keyring, "--gen-key", "--name", name, *given)


def _make_monitor(scratch: Path, cluster: str, port: int) -> None:
    monitors, conf = str(scratch / "monmap"), str(scratch / "ceph.conf")
    address = f"[v2:127.0.0.1:{port}]"
    _run(scratch, "monmaptool", "--create", "--fsid", cluster, "--addv", "a", address, monitors)
    _run(
        scratch,
        *("ceph-mon", "--mkfs", "--name", "mon.a", "--conf", conf),
        *("--monmap", monitors, "--keyring", str(scratch / "keyring")),
    )


def _make_store(scratch: Path) -> None:
    conf, store = str(scratch / "ceph.conf"), str(uuid.uuid4())
    (scratch / "osd").mkdir()
    _run(scratch, "ceph", "--conf", conf, "osd", "new", store)
    place = ("osd", "crush", "add", "osd.0", "1.0", "root=default", "host=one")
    _run(scratch, "ceph", "--conf", conf, *place)
    _run(scratch, "ceph-osd", "--mkfs", "--name", "osd.0", "--conf", conf, "--osd-uuid", store)


def _make_user(scratch: Path) -> None:
    user = ("--uid", "qianbai", "--display-name", "qianbai")
    keys = ("--access-key", _ACCESS_KEY, "--secret-key", _SECRET)
    _run(scratch, "radosgw-admin", "--conf", str(scratch / "ceph.conf"), "user", "create", *user, *keys)


def _run(scratch: Path, *command: str) -> None:
    """Runs one step to its end; a step that waits for a daemon that died is given up."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(scratch)}
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=scratch,
        timeout=300,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout.decode(errors='replace')[-2000:]}")


def _main(wish: list[str]) -> None:
    """Installs the packages when asked and root, else says what is missing; without a wish only looks."""
    if wish == ["install"] and os.geteuid() == 0:
        subprocess.run([*INSTALL, "--yes"], check=True)
    elif not (installed() or os.environ.get("QIANBAI_RGW")):
        sys.exit(f"Ceph RGW is not installed. As root: {' '.join(INSTALL)}")


if __name__ == "__main__":
    _main(sys.argv[1:])
