"""The stores under test and the servers behind them, one of each kind a run."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from media.stores.folder import FolderStore
from media.stores.opening import open_store
from media.stores.protocol import ObjectStore
from media.stores.s3 import S3Store
from tests.support.s3 import S3Server
from tests.support.s3_stores import S3_KINDS, opened_s3

PHOTOS = Path(__file__).resolve().parents[3] / "shared" / "data" / "photos"


@pytest.fixture(params=["folder", *S3_KINDS])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, s3_server: Callable[[str], S3Server]
) -> Iterator[ObjectStore]:
    """Every kind of store that is to be had here."""
    if request.param == "folder":
        yield open_store(str(tmp_path / "store"), {})
        return
    with opened_s3(request.param, s3_server) as opened:
        yield opened


@pytest.fixture(params=S3_KINDS)
def s3_store(request: pytest.FixtureRequest, s3_server: Callable[[str], S3Server]) -> Iterator[S3Store]:
    with opened_s3(request.param, s3_server) as opened:
        yield opened


@pytest.fixture
def folder_store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def real_photos() -> Path:
    """The folder of real photos beside the checkout."""
    if not PHOTOS.is_dir():
        pytest.skip("the real photos are not here")
    return PHOTOS
