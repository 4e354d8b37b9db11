"""``qianbai import enterprises FILE``."""

import csv

import pytest
from click.testing import CliRunner

from service.cli import group
from service.kernel.db import make_engine, make_sessions
from tests.support.postgres import migrated_database
from tests.support.sheets import csv_of
from tests.support.world import build_world

ROWS = [("企业名称", "统一社会信用代码"), ("华为技术有限公司", "914403001922038216"), ("=甲公司", "123")]


@pytest.fixture
def installation(postgres_url, tmp_path, monkeypatch):
    """A database of its own with the world in it, named by the environment."""
    with migrated_database(postgres_url) as url:
        engine = make_engine(url)
        with make_sessions(engine)() as session:
            build_world(session)
            session.commit()
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setenv("QIANBAI_DATA", str(tmp_path / "var"))
        yield engine
        engine.dispose()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "名单.csv"
    path.write_bytes(csv_of(ROWS, "gb18030"))
    return path


def run(*arguments):
    return CliRunner().invoke(group, ["import", "enterprises", *map(str, arguments)])


def names(engine):
    from sqlalchemy import text

    with engine.connect() as connection:
        return connection.scalars(text("SELECT name FROM enterprises")).all()


def test_it_imports_and_says_what_became_of_each_row(installation, file, tmp_path):
    report = tmp_path / "report.csv"
    done = run(
        file,
        "--list",
        "重点企业",
        "--edition",
        "china_500:2025",
        "--in-force-from",
        "2025-09-01",
        "--report",
        report,
    )
    assert done.exit_code == 0, done.output
    assert "新增 1，合并 0，未导入 1" in done.output
    assert "第 3 行 =甲公司" in done.output
    lines = list(csv.reader(report.read_text("utf-8-sig").splitlines()))
    assert [line[1] for line in lines[1:]] == ["accepted", "refused"]
    assert lines[2][2] == "'=甲公司"
    assert names(installation) == ["华为技术有限公司"]


def test_a_dry_run_writes_nothing(installation, file):
    done = run(file, "--dry-run", "--list", "重点企业")
    assert done.exit_code == 0, done.output
    assert "试导入" in done.output
    assert names(installation) == []


def test_it_says_plainly_what_it_cannot_read(installation, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"\x00\x01")
    done = run(path)
    assert done.exit_code == 1
    assert "无法读取这个表格" in done.output
