"""Each command that counting depends on, and the figure that follows it at once."""

from datetime import date

import pytest
import sqlalchemy as sa

from service.enterprises.commands import Amendment
from service.enterprises.grouping import GroupLink
from service.enterprises.importing import ImportOrder
from service.enterprises.lists import EditionChange, NewEdition, NewPlace
from service.enterprises.models import EnterpriseKind
from service.programmes.commands import NewProgramme, ProgrammeChanges
from service.visits import consequences
from service.visits.ledger import recount
from service.visits.models import CityLedgerRow
from service.visits.recounting import rebuild
from tests.factories.visits import add_enterprise, add_group, add_visit


@pytest.fixture
def day(world):
    return date(world.programme.year, 3, 2)


@pytest.fixture
def unknown(session, world, day):
    """An enterprise that is on no list, visited once: it counts for nothing yet."""
    enterprise = add_enterprise(session, "无名有限公司", well_known=False)
    recount(session, [add_visit(session, world.field1, enterprise, day).id])
    assert lines(session) == []
    return enterprise


@pytest.fixture(autouse=True)
def nothing_left_to_mend(session):
    yield
    assert rebuild(session).clean


def lines(session):
    return sorted(session.execute(sa.select(CityLedgerRow.line, CityLedgerRow.subject_id)).all())


@pytest.mark.parametrize("change", [{"well_known": True}, {"kind": EnterpriseKind.ASSOCIATION}])
def test_it_counts_what_becomes_known(session, world, unknown, change):
    consequences.amend_enterprise(session, world.hq1, Amendment(unknown.id, unknown.rev, change))
    assert lines(session) == [("thousand", unknown.id)]


def test_it_counts_an_edition_from_its_first_day(session, world, day, unknown):
    early = NewEdition("china_500", "中国企业500强", day.year - 1, date(day.year, 1, 1))
    edition = consequences.create_edition(session, world.hq1, early)
    place = NewPlace(edition, "无名", enterprise_id=unknown.id)
    place_id = consequences.add_place(session, world.hq1, place)
    assert lines(session) == []
    assert consequences.confirm_places(session, world.hq1, [place_id]) == 1
    assert lines(session) == [("hundred", unknown.id), ("thousand", unknown.id)]
    newer = NewEdition("china_500", "中国企业500强", day.year, date(day.year, 2, 1))
    later = consequences.create_edition(session, world.hq1, newer)
    assert lines(session) == []
    consequences.amend_edition(
        session, world.hq1, EditionChange(later, "中国企业500强", date(day.year, 6, 1))
    )
    assert len(lines(session)) == 2
    consequences.remove_place(session, world.hq1, place_id)
    assert lines(session) == []


def test_it_counts_the_group_once_the_link_is_confirmed(session, world, day, unknown):
    group = add_group(session)
    edition = consequences.create_edition(
        session, world.hq1, NewEdition("china_500", "中国企业500强", day.year, date(day.year, 1, 1))
    )
    consequences.add_place(session, world.hq1, NewPlace(edition, "集团", group_id=group.id, confirmed=True))
    link = GroupLink(unknown.id, group.id)
    consequences.suggest_group(session, world.hq1, link)
    assert lines(session) == []
    consequences.confirm_group(session, world.hq1, link)
    assert lines(session) == [("hundred", group.id), ("thousand", unknown.id)]
    consequences.leave_group(session, world.hq1, unknown.id)
    assert lines(session) == []


def test_it_counts_what_a_file_marks_as_known(session, world, unknown):
    order = ImportOrder("名单.csv", "企业名称\n无名有限公司\n".encode(), well_known=True)
    session.execute(sa.text("UPDATE enterprises SET name_key = '无名'"))
    session.expire_all()
    report = consequences.import_enterprises(session, world.hq1, order)
    assert report.merged == 1
    assert lines(session) == [("thousand", unknown.id)]


def test_it_counts_for_a_new_programme_what_is_here_already(session, world, day, unknown):
    what = NewProgramme(
        "第二方案", day.year, day, day, ("door_to_door",), thousand_scope="any", allow_overlap=True
    )
    made = consequences.create_programme(session, world.hq1, what)
    assert session.scalars(sa.select(CityLedgerRow.programme_id)).all() == [made.id]
    consequences.amend_programme(session, world.hq1, made.id, ProgrammeChanges({"thousand_scope": "listed"}))
    assert lines(session) == []
