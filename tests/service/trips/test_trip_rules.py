"""What makes a trip valid, how long it lasts and who went: tables of cases, no database."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.accounts.ranks import rank_code
from service.kernel.actor import Actor, Role
from service.submissions.sent import Sent
from service.trips import rules
from service.trips.models import Filed, Half, TripKind
from service.trips.submission import Days, Destination, Organisation, TripPerson, TripSubmission

DAY = date(2026, 3, 4)
NEXT = date(2026, 3, 5)
ONE, TWO = UUID(int=1), UUID(int=2)


def trip(**facts):
    usual = {"days": Days(DAY, DAY), "leader": TripPerson("李区长"), "kind": TripKind.OUTING}
    return TripSubmission(sent=Sent.of({}), captured_at=datetime(2026, 3, 4, tzinfo=UTC), **(usual | facts))


@pytest.mark.parametrize(
    ("days", "halves"),
    [
        (Days(DAY, DAY), 2),
        (Days(DAY, DAY, Half.AM, Half.AM), 1),
        (Days(DAY, DAY, Half.PM, Half.PM), 1),
        (Days(DAY, NEXT, Half.PM, Half.AM), 2),
        (Days(DAY, NEXT, Half.AM, Half.AM), 3),
        (Days(DAY, NEXT), 4),
    ],
)
def test_it_counts_half_days_from_departure_to_return(days, halves):
    assert days.halves == halves


@given(st.integers(0, 400), st.sampled_from(list(Half)), st.integers(0, 400), st.sampled_from(list(Half)))
def test_it_counts_as_many_halves_as_there_are(start, leaves, length, comes):
    departs = date.fromordinal(DAY.toordinal() + start)
    returns = date.fromordinal(departs.toordinal() + length)
    every = [(day, half) for day in range(length + 1) for half in Half]
    within = [one for one in every if (0, leaves.value) <= (one[0], one[1].value) <= (length, comes.value)]
    assert max(0, Days(departs, returns, leaves, comes).halves) == len(within)


@pytest.mark.parametrize(
    ("facts", "pointers"),
    [
        ({}, []),
        ({"days": Days(NEXT, DAY)}, ["/returns_on"]),
        ({"days": Days(DAY, DAY, Half.PM, Half.AM)}, ["/returns_half"]),
        ({"days": Days(DAY, date(2027, 3, 5))}, ["/returns_on"]),
        ({"destinations": (Destination(), Destination(city="深圳"))}, ["/destinations/0"]),
        ({"organisations": (Organisation("某公司"), Organisation())}, ["/organisations/1"]),
        ({"projects": ("甲", "乙"), "project_count": 1}, ["/project_count"]),
    ],
)
def test_it_names_what_is_wrong(facts, pointers):
    assert [fault.pointer for fault in rules.faults_of(trip(**facts))] == pointers


@pytest.mark.parametrize(
    ("others", "names"),
    [
        ([], ["李区长"]),
        ([TripPerson("李区长", user_id=ONE), TripPerson("张三")], ["李区长", "张三"]),
        ([TripPerson("李 区长"), TripPerson("张三"), TripPerson("张三")], ["李区长", "张三"]),
        ([TripPerson("张三", user_id=ONE), TripPerson("张三", user_id=TWO)], ["李区长", "张三", "张三"]),
        ([TripPerson("张三", user_id=ONE), TripPerson("张三丰", user_id=ONE)], ["李区长", "张三"]),
    ],
)
def test_it_counts_everybody_once_and_the_leader_too(others, names):
    assert [one.name for one in rules.party(TripPerson("李区长"), others)] == names


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("2026-03-03T20:00:00+00:00", Filed.BEFORE),
        ("2026-03-04T15:59:00+00:00", Filed.BEFORE),
        ("2026-03-04T16:00:00+00:00", Filed.ON_THE_WAY),
        ("2026-03-05T16:00:00+00:00", Filed.AFTER),
    ],
)
def test_it_tells_by_the_local_day_whether_a_trip_was_filed_before_it(written, when):
    assert rules.filed(Days(DAY, NEXT), datetime.fromisoformat(written)) is when


@pytest.mark.parametrize(
    ("when", "because", "codes"),
    [
        (Filed.BEFORE, None, []),
        (Filed.AFTER, "客商临时相邀", []),
        (Filed.AFTER, None, ["filed_late_without_reason"]),
    ],
)
def test_it_remarks_on_a_late_filing_without_a_reason_and_refuses_nothing(when, because, codes):
    flags = rules.flags_of(trip(filed_because=because), datetime(2026, 3, 4, tzinfo=UTC), when)
    assert [flag.code for flag in flags] == codes


@pytest.mark.parametrize(
    ("roles", "unit", "may"),
    [
        ({Role.FIELD_STAFF}, ONE, True),
        ({Role.FIELD_STAFF}, TWO, False),
        ({Role.UNIT_OFFICE}, TWO, True),
        ({Role.HEADQUARTERS}, TWO, True),
        ({Role.LEADER}, TWO, False),
    ],
)
def test_it_lets_offices_file_for_the_units_they_answer_for(roles, unit, may):
    actor = Actor(UUID(int=9), "某人", ONE, frozenset(roles))
    assert rules.may_file_for(actor, ONE, unit, [ONE, TWO]) is may


def test_it_lists_leaders_from_deputy_county_level_up():
    listed = [
        word
        for word in ("正厅级", "副厅级", "正处级", "副处级", "正科级", None)
        if rules.is_leader(rank_code(word))
    ]
    assert listed == ["正厅级", "副厅级", "正处级", "副处级"]


def test_it_cuts_months_at_both_ends():
    cut = rules.months_of(date(2025, 12, 20), date(2026, 2, 2))
    assert cut == [
        (date(2025, 12, 20), date(2026, 1, 1)),
        (date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 2, 1), date(2026, 2, 2)),
    ]
