"""Every measure once: its words, what it counts, and which visits it counts."""

from dataclasses import dataclass, field
from enum import StrEnum

from service.enterprises.models import EnterpriseKind
from service.visits.traits import Each, Traits


class Counts(StrEnum):
    """What is added up."""

    VISITS = "visits"
    ENTERPRISES = "enterprises"
    PARTICIPANTS = "participants"
    AMOUNT = "amount"
    LISTED = "listed"
    COVERED = "covered"
    UNVISITED = "unvisited"


ADDED = {Counts.PARTICIPANTS: "participants", Counts.AMOUNT: "amount_wan"}
"""The field of the listed visits that is added up, a list by how many it holds; the others are as many as are listed."""
OF_TARGET_LISTS = frozenset({Counts.LISTED, Counts.COVERED, Counts.UNVISITED})


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure; `counted_in` is its unit of count."""

    code: str
    zh: str
    en: str
    counted_in: dict[str, str]
    meaning: dict[str, str]
    counts: Counts
    traits: Traits = field(default_factory=Traits)

    @property
    def adds(self) -> str | None:
        """Which field of the visits at a figure's address it adds up; None where it is their number."""
        return ADDED.get(self.counts)

    @property
    def is_of_target_lists(self) -> bool:
        """Whether it is read from target lists rather than from visits."""
        return self.counts in OF_TARGET_LISTS


_HOUSES = {"zh": "家", "en": "enterprises"}
_VISITS = {"zh": "家次", "en": "visits"}
_PEOPLE = {"zh": "人次", "en": "person-times"}
_WAN = {"zh": "万元", "en": "10,000 CNY"}


def _on_list(code: str, list_code: str, zh: str, en: str) -> Measure:
    return Measure(
        code,
        zh,
        en,
        _HOUSES,
        {
            "zh": "拜访日在该榜单当期名录上（本企业或其已确认的集团）的不同企业",
            "en": "different enterprises that were, or whose confirmed group was, on the edition in force that day",
        },
        Counts.ENTERPRISES,
        Traits(matched=True, on_list=list_code),
    )


MEASURES = {
    one.code: one
    for one in (
        Measure(
            "visits",
            "拜访",
            "Visits",
            _VISITS,
            {"zh": "拜访记录数；联合拜访各单位各计一次", "en": "visits; a joint one counts in each unit"},
            Counts.VISITS,
        ),
        Measure(
            "organisations",
            "拜访机构",
            "Organisations visited",
            _HOUSES,
            {
                "zh": "拜访的不同企业、商协会；未与名录匹配的不计",
                "en": "different enterprises and chambers; entries that are not matched are left out",
            },
            Counts.ENTERPRISES,
            Traits(matched=True),
        ),
        Measure(
            "known_enterprises",
            "知名企业",
            "Well-known enterprises",
            _HOUSES,
            {
                "zh": "拜访的不同企业中标为知名企业的",
                "en": "different enterprises that are marked well-known",
            },
            Counts.ENTERPRISES,
            Traits(matched=True, well_known=True),
        ),
        _on_list("top500_world", "fortune_global_500", "世界500强", "Fortune Global 500"),
        _on_list("top500_china", "china_500", "中国企业500强", "China Top 500"),
        _on_list("top500_private", "china_private_500", "中国民营企业500强", "China Private Top 500"),
        Measure(
            "chambers",
            "商协会",
            "Chambers and associations",
            _HOUSES,
            {"zh": "拜访的不同商会、协会", "en": "different chambers and associations visited"},
            Counts.ENTERPRISES,
            Traits(matched=True, kind=EnterpriseKind.ASSOCIATION),
        ),
        Measure(
            "person_times",
            "参加人次",
            "Person-times",
            _PEOPLE,
            {"zh": "各次拜访所填参加人员数之和", "en": "the participants of each visit, added up"},
            Counts.PARTICIPANTS,
        ),
        Measure(
            "intentions",
            "有投资意向企业",
            "Enterprises with an intention",
            _HOUSES,
            {
                "zh": "所计拜访中有投资意向的不同企业；按意向分时，一家企业在其到过的每一档各计一次",
                "en": "different enterprises inclined to invest; by level, each counts once in every level it had",
            },
            Counts.ENTERPRISES,
            Traits(matched=True, inclined=True),
        ),
        Measure(
            "converted",
            "转化为项目的企业",
            "Enterprises with a project",
            _HOUSES,
            {
                "zh": "所计拜访的不同企业中，已作为投资方列入项目库的",
                "en": "different enterprises visited that are the investor of a project in the register",
            },
            Counts.ENTERPRISES,
            Traits(matched=True, has_project=True),
        ),
        Measure(
            "intended_amount",
            "意向投资额",
            "Intended investment",
            _WAN,
            {
                "zh": "每家企业最近一次填有金额的拜访所填意向金额之和；未与名录匹配的不计",
                "en": "the amount of each enterprise's last visit that has one, added up; unmatched are left out",
            },
            Counts.AMOUNT,
            Traits(with_amount=True, each=Each.LAST),
        ),
        Measure(
            "listed",
            "目标企业",
            "Target enterprises",
            _HOUSES,
            {"zh": "方案目标企业库中的企业", "en": "enterprises on the programme's target lists"},
            Counts.LISTED,
        ),
        Measure(
            "covered",
            "已拜访目标企业",
            "Target enterprises visited",
            _HOUSES,
            {
                "zh": "目标企业库中已核拜访的企业",
                "en": "enterprises on the target lists with a counted visit",
            },
            Counts.COVERED,
        ),
        Measure(
            "unvisited",
            "未拜访目标企业",
            "Target enterprises not visited",
            _HOUSES,
            {"zh": "目标企业库中尚无已核拜访的企业", "en": "enterprises on the target lists without one"},
            Counts.UNVISITED,
        ),
    )
}
