"""OpenStack Swift with its S3 door, a real durable server: `python -m tests.support.swift install`.

Four processes on loopback ports, one copy of everything, no memcached: without its cache the proxy only asks more.
The scratch folder must lie on a file system with user extended attributes (ext4, xfs).
"""

import contextlib
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.environments import environment_folder, install
from tests.support.processes import free_port, server
from tests.support.s3 import S3Server

FOLDER = environment_folder("QIANBAI_SWIFT", ".swift")
REQUIREMENTS = ("swift==2.38.3", "pyeclib==1.8.0", "setuptools<81")
_SECRET = "qianbai-swift-secret"
_PIPELINE = (
    "catch_errors gatekeeper healthcheck proxy-logging listing_formats bulk "
    "s3api tempauth copy slo dlo versioned_writes symlink proxy-server"
)
_FILTERS = {
    "catch_errors": "catch_errors",
    "gatekeeper": "gatekeeper",
    "healthcheck": "healthcheck",
    "proxy-logging": "proxy_logging",
    "listing_formats": "listing_formats",
    "bulk": "bulk",
    "copy": "copy",
    "slo": "slo",
    "dlo": "dlo",
    "symlink": "symlink",
}
_RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, user_ports = sys.argv[1], sys.argv[2:]
for name, port in zip(("account", "container", "object"), user_ports):
    builder = RingBuilder(8, 1, 1)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "d1",
                     "weight": 100, "replication_ip": "127.0.0.1", "replication_port": int(port), "meta": ""})
    builder.rebalance(seed=1)
    builder.get_ring().save(f"{folder}/{name}.ring.gz")
"""


def installed() -> bool:
    return (FOLDER / "bin" / "swift-proxy-server").exists()


@contextlib.contextmanager
def running(scratch: Path) -> Iterator[S3Server]:
    """A Swift with an empty store below `scratch` and one user."""
    ports = {kind: free_port() for kind in ("account", "container", "object", "proxy")}
    (scratch / "srv" / "d1").mkdir(parents=True)
    _write_settings(scratch, ports)
    rings = [str(ports[kind]) for kind in ("account", "container", "object")]
    subprocess.run([str(FOLDER / "bin" / "python"), "-c", _RINGS, str(scratch), *rings], check=True)
    with contextlib.ExitStack() as stack:
        for kind, port in ports.items():
            command = [
                str(FOLDER / "bin" / f"swift-{kind}-server"),
                str(scratch / f"{kind}.conf"),
                "--verbose",
            ]
            log = scratch / f"{kind}.log"
            environment = {"PYTHONWARNINGS": "ignore"}
            stack.enter_context(server(command, port=port, log=log, environment=environment))
        yield S3Server("swift", f"http://127.0.0.1:{ports['proxy']}", "qianbai:app", _SECRET, profile="swift")


def _write_settings(scratch: Path, ports: dict[str, int]) -> None:
    swift = "[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = b\n"
    policy = "[storage-policy:0]\nname = one\ndefault = yes\n"
    (scratch / "swift.conf").write_text(swift + policy)
    for kind, port in ports.items():
        usual = _section(
            "DEFAULT",
            bind_ip="127.0.0.1",
            bind_port=port,
            workers=0,
            swift_dir=scratch,
            devices=scratch / "srv",
            mount_check="false",
            user=pwd.getpwuid(os.getuid()).pw_name,
        )
        rest = _proxy_sections() if kind == "proxy" else _storage_sections(kind)
        (scratch / f"{kind}.conf").write_text(usual + rest)


def _storage_sections(kind: str) -> str:
    return _section("pipeline:main", pipeline=f"{kind}-server") + _section(
        f"app:{kind}-server", use=f"egg:swift#{kind}"
    )


def _proxy_sections() -> str:
    plain = (_section(f"filter:{name}", use=f"egg:swift#{egg}") for name, egg in _FILTERS.items())
    return "".join(
        (
            _section("pipeline:main", pipeline=_PIPELINE),
            _section("app:proxy-server", use="egg:swift#proxy", account_autocreate="true"),
            _section(
                "filter:versioned_writes", use="egg:swift#versioned_writes", allow_object_versioning="true"
            ),
            _section("filter:s3api", use="egg:swift#s3api", s3_acl="false", location="us-east-1"),
            _section("filter:tempauth", use="egg:swift#tempauth", user_qianbai_app=f"{_SECRET} .admin"),
            *plain,
        )
    )


def _section(name: str, **settings: object) -> str:
    lines = (f"{key} = {value}\n" for key, value in settings.items())
    return f"[{name}]\n{''.join(lines)}\n"


if __name__ == "__main__" and sys.argv[1:] == ["install"]:
    install(FOLDER, *REQUIREMENTS)
