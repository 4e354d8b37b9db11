"""The S3 stores a suite runs against: which servers there are, and a store on a prefix of its own."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from media.stores.opening import read_address
from media.stores.s3 import S3Store
from tests.support import rgw, s3emu, swift
from tests.support.s3 import S3Server, over_tls, skip_or_fail

BUCKET = "photos"
SERVERS: dict[str, ModuleType] = {"s3emu": s3emu, "swift": swift, "rgw": rgw}


def start(name: str, stack: contextlib.ExitStack, started: Callable[[str], S3Server]) -> S3Server:
    scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qianbai-s3-")))
    if name.endswith("-tls"):
        return stack.enter_context(over_tls(started(name.removesuffix("-tls")), scratch))
    module = SERVERS[name]
    if not module.installed():
        skip_or_fail(name, f"python -m tests.support.{name} install")
    server = stack.enter_context(module.running(scratch))
    server.make_bucket(BUCKET)
    return server


def s3_parameter(name: str) -> object:
    return pytest.param(name, marks=pytest.mark.s3)


S3_KINDS = [s3_parameter(name) for name in ("s3emu", "s3emu-tls", "swift", "swift-tls", "rgw")]


@contextlib.contextmanager
def opened_s3(kind: str, s3_server: Callable[[str], S3Server]) -> Iterator[S3Store]:
    """A store on a prefix of its own."""
    if is_given(kind):
        setting, environment = _given_setting(), dict(os.environ)
    else:
        server = s3_server(kind)
        setting, environment = server.setting(BUCKET, secrets.token_hex(6)), server.environment()
    with contextlib.closing(S3Store(read_address(setting, environment))) as store:
        yield store


def is_given(kind: str) -> bool:
    """Whether QIANBAI_RGW names a gateway that runs already: its bucket and its key are not ours to make."""
    return kind == "rgw" and bool(os.environ.get("QIANBAI_RGW"))


def _given_setting() -> str:
    where, _, options = os.environ["QIANBAI_RGW"].partition("?")
    return f"{where.rstrip('/')}/{secrets.token_hex(6)}?{options}"
