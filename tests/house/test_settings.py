"""`.env.example` lists every setting, and nothing that is not one."""

import ast
import re

from tests.house.walls import ROOT, modules, tree

NAME = re.compile(r"^(?:QIANBAI|AWS)_[A-Z0-9_]+$|^DATABASE_URL$")

BETWEEN_OURSELVES = {
    "QIANBAI_STARTED_BY": "a child's way to know who started it",
    "QIANBAI_DARKROOM_ORDER": "what the process that opens pictures is told",
}


def documented():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return {line.lstrip("#").split("=")[0] for line in lines if re.match(r"^#?[A-Z][A-Z0-9_]*=", line)}


def read_by_the_code():
    return {
        node.value
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.match(node.value)
    }


def test_every_setting_is_documented():
    assert read_by_the_code() - set(BETWEEN_OURSELVES) == documented()


def test_every_setting_is_explained_in_both_languages():
    before = []
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if re.match(r"^#?[A-Z][A-Z0-9_]*=", line):
            continue
        before.append(line)
    explained = "\n".join(before)
    assert re.search(r"[一-鿿]", explained)
    assert re.search(r"[A-Za-z]{4}", explained)


def test_no_example_holds_a_real_secret():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in ("QIANBAI_SECRET", "QIANBAI_ADMIN_PASSWORD", "AWS_SECRET_ACCESS_KEY"):
        assert re.search(rf"^#{name}=$", text, re.MULTILINE)
