"""Search and import at 50,000 enterprises: `python bench/enterprise_search.py` (about a minute; needs nothing running).

Prints, for each kind of query, p50 and p95 in the database (from sending each statement to its end) and in the process
that asks (with its rows and top-500 labels), then the time of an import of 2,000 rows.
"""

import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.enterprises.importing import ImportOrder, import_enterprises
from service.enterprises.models import Enterprise, EnterpriseAlias, EnterpriseKind
from service.enterprises.names import searchable
from service.enterprises.search import SearchRequest, search
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.credit_code import check_character
from service.kernel.db import make_engine, make_sessions
from service.kernel.ids import uuid7
from service.kernel.migrate import upgrade
from service.kernel.pages import PageRequest
from service.kernel.text import name_key, pinyin_initials
from tests.support.postgres import fresh_database, server_url

ENTERPRISES = 50_000
IMPORTED = 2_000
ROUNDS = 40
PLACES = [
    "北京",
    "上海",
    "深圳",
    "广州",
    "杭州",
    "山东",
    "聊城",
    "济南",
    "青岛",
    "江苏",
    "浙江",
    "安徽",
    "四川",
    "湖北",
    "湖南",
    "福建",
    "河南",
    "河北",
    "中国",
    "东阿",
]
WORDS = [
    "华",
    "鲁",
    "信",
    "中",
    "东",
    "新",
    "宏",
    "天",
    "金",
    "海",
    "大",
    "联",
    "恒",
    "泰",
    "盛",
    "瑞",
    "德",
    "诚",
    "立",
    "正",
    "明",
    "光",
    "亚",
    "科",
    "创",
    "远",
    "通",
    "达",
    "安",
    "康",
    "宝",
    "龙",
    "凤",
    "祥",
    "云",
    "润",
    "丰",
    "美",
    "佳",
    "益",
    "兴",
    "隆",
    "昌",
    "顺",
    "源",
    "博",
    "智",
    "慧",
    "星",
    "辰",
]
TRADES = [
    "科技",
    "化工",
    "医药",
    "机械",
    "电子",
    "新材料",
    "能源",
    "食品",
    "纺织",
    "物流",
    "汽车零部件",
    "生物技术",
    "环保设备",
    "智能装备",
    "信息技术",
    "商贸",
]
FORMS = ["有限公司", "股份有限公司", "集团有限公司", "有限责任公司"]
SYSTEM = Actor.system("bench")


def main() -> None:
    random.seed(7)
    with server_url() as server, fresh_database(server) as url:
        upgrade(url)
        engine = make_engine(url)
        with make_sessions(engine)() as session:
            names = fill(session)
            session.commit()
            session.execute(sa.text("ANALYZE"))
            session.commit()
            for kind, texts in queries(session, names).items():
                report(session, kind, texts)
            time_import(session, names)
        engine.dispose()


def made_name() -> str:
    trade = random.choice(TRADES)
    words = "".join(random.sample(WORDS, random.choice([2, 2, 3])))
    return f"{random.choice(PLACES)}{words}{trade}{random.choice(FORMS)}"


def made_code() -> str:
    body = "9137150" + "".join(random.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(10))
    return body + check_character(body)


def fill(session: Session) -> list[str]:
    started, names = time.perf_counter(), sorted({made_name() for _ in range(ENTERPRISES * 2)})
    random.shuffle(names)
    names = names[:ENTERPRISES]
    moment, rows, aliases = now(), [], []
    for place, name in enumerate(names):
        brand = "".join(random.sample(WORDS, 3)) if place % 5 == 0 else None
        found_by = searchable(name, None, [brand] if brand else [])
        rows.append(
            {
                "id": uuid7(),
                "name": name,
                "kind": EnterpriseKind.ENTERPRISE,
                "credit_code": made_code() if place % 2 else None,
                "well_known": False,
                "tags": [],
                "facts": {},
                "created_at": moment,
                "updated_at": moment,
                "rev": 1,
                "name_key": found_by.name_key,
                "initials": found_by.initials,
                "grams": found_by.grams,
                "search_text": found_by.search_text,
            }
        )
        if brand:
            aliases.append(
                {
                    "id": uuid7(),
                    "enterprise_id": rows[-1]["id"],
                    "name": brand,
                    "name_key": name_key(brand),
                    "initials": pinyin_initials(brand),
                }
            )
    for start in range(0, len(rows), 5000):
        session.execute(sa.insert(Enterprise), rows[start : start + 5000])
    session.execute(sa.insert(EnterpriseAlias), aliases)
    session.execute(sa.select(sa.func.gin_clean_pending_list(sa.literal("ix_enterprises_grams"))))
    print(
        f"{len(rows):,} enterprises, {len(aliases):,} aliases made in {time.perf_counter() - started:.1f} s"
    )
    return names


def queries(session: Session, names: list[str]) -> dict[str, list[str]]:
    some = random.sample(names, ROUNDS)
    codes = session.scalars(
        sa.select(Enterprise.credit_code).where(Enterprise.credit_code.is_not(None)).limit(ROUNDS)
    ).all()
    brands = session.scalars(sa.select(EnterpriseAlias.name).limit(ROUNDS)).all()
    return {
        "whole name": some,
        "name part, 4 characters": [name[2:6] for name in some],
        "name part, 2 characters": [name[2:4] for name in some],
        "1 character": WORDS[:ROUNDS],
        "place (a common prefix)": PLACES * 2,
        "trade (a common inner part)": TRADES * 2,
        "alias": list(brands),
        "initials, 3 letters": [pinyin_initials(name)[:3] for name in some],
        "initials, 6 letters": [pinyin_initials(name)[:6] for name in some],
        "initials from the middle": [pinyin_initials(name)[2:6] for name in some],
        "credit code, 18": [code for code in codes if code],
        "credit code, 8": [code[:8] for code in codes if code],
        "nothing found": [f"{name[2:4]}鑫淼" for name in some],
        "no text (by name)": [""] * 10,
    }


def report(session: Session, kind: str, texts: list[str]) -> None:
    inside, outside, found = [], [], 0
    for text in texts:
        with Timed(session) as spent:
            started = time.perf_counter()
            found += len(search(session, SYSTEM, SearchRequest(text, PageRequest(20))).items)
            outside.append((time.perf_counter() - started) * 1000)
        inside.append(sum(spent) * 1000)
    print(
        f"{kind:32s} rows {found / len(texts):5.1f}   database p50 {statistics.median(inside):6.1f}"
        f" p95 {p95(inside):6.1f} ms   process p50 {statistics.median(outside):6.1f} p95 {p95(outside):6.1f} ms"
    )


class Timed:
    """The seconds that statements take on the connection while the block lasts."""

    def __init__(self, session: Session) -> None:
        self.engine = session.get_bind()
        self.spent: list[float] = []

    def __enter__(self) -> list[float]:
        sa.event.listen(self.engine, "before_cursor_execute", self.before)
        sa.event.listen(self.engine, "after_cursor_execute", self.after)
        return self.spent

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self.engine, "before_cursor_execute", self.before)
        sa.event.remove(self.engine, "after_cursor_execute", self.after)

    def before(self, *_: object) -> None:
        """A statement begins."""
        self.started = time.perf_counter()

    def after(self, *_: object) -> None:
        """A statement has ended."""
        self.spent.append(time.perf_counter() - self.started)


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95) - 1]


def time_import(session: Session, known: list[str]) -> None:
    lines = ["企业名称,统一社会信用代码,所属行业,城市,营业收入（万元）"]
    for place in range(IMPORTED):
        name = known[place] if place % 10 == 0 else made_name()
        lines.append(f"{name},{made_code()},化工,聊城,{place * 10}")
    raw = "\n".join(lines).encode("gb18030")
    started = time.perf_counter()
    done = import_enterprises(session, SYSTEM, ImportOrder("a.csv", raw))
    session.commit()
    spent = time.perf_counter() - started
    print(
        f"import of {IMPORTED:,} rows: {spent:.2f} s"
        f" (accepted {done.accepted}, merged {done.merged}, refused {done.refused}, suspected {done.suspected})"
    )


if __name__ == "__main__":
    main()
