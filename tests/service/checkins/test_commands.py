"""A check-in is written once with its evidence, its unit of the day and its photos."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from mobile_api.schemas.checkins import CheckinIn
from service.accounts.models import Posting
from service.audit.models import AuditEntry
from service.checkins import commands, queries
from service.checkins.errors import UnknownCheckin
from service.checkins.models import Checkin
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Invalid
from service.kernel.ids import uuid7
from service.kernel.pages import PageRequest
from service.photos.models import PhotoClaim
from service.submissions.errors import MayNotRecord, RecordClosed
from tests.factories.sites import add_assignment, add_project, add_site, checkin_body

SCHEMA = CheckinIn()


@pytest.fixture
def site(session, world):
    site = add_site(session, world.dongchangfu)
    add_assignment(session, world.commissioner1, site)
    return site


def submit(session, actor, body, checkin_id: UUID | None = None):
    return commands.submit_checkin(session, actor, checkin_id or uuid7(), SCHEMA.load(body)).view


def flag_codes(view):
    return [flag["code"] for flag in view.flags]


@pytest.mark.parametrize("name", ["leader1", "inspector1"])
def test_it_takes_nothing_from_those_who_only_read(session, world, site, name):
    with pytest.raises(MayNotRecord):
        submit(session, getattr(world, name), checkin_body(site))


def test_it_does_not_let_others_read_or_withdraw(session, world, site):
    view = submit(session, world.commissioner1, checkin_body(site))
    with pytest.raises(UnknownCheckin):
        queries.own_checkin(session, world.field1, view.id)
    with pytest.raises(UnknownCheckin):
        queries.own_revisions(session, world.field1, view.id)
    with pytest.raises(UnknownCheckin):
        commands.withdraw_checkin(session, world.field1, view.id, "不是我的")
    with pytest.raises(UnknownCheckin):
        queries.checkin_in_scope(session, world.unit2, view.id)
    in_scope = queries.checkins_in_scope(session, world.unit2, queries.CheckinFilter(), PageRequest())
    assert list(in_scope.items) == []


def test_it_points_at_a_site_that_is_not_there(session, world, site):
    with pytest.raises(Invalid) as refused:
        submit(session, world.commissioner1, checkin_body(site, site_id=str(uuid4())))
    assert [fault.pointer for fault in refused.value.faults] == ["/site_id"]


def test_it_freezes_the_unit_of_the_day(session, world, site):
    yesterday = local_date(now()) - timedelta(days=1)
    posting = session.scalars(
        sa.select(Posting).where(Posting.user_id == world.commissioner1.person_id)
    ).one()
    posting.until_on = yesterday
    session.flush()
    session.add(Posting(id=uuid4(), user_id=posting.user_id, unit_id=world.chiping.id, from_on=yesterday))
    session.flush()
    last_week = (now() - timedelta(days=7)).isoformat()
    assert submit(session, world.commissioner1, checkin_body(site)).unit.id == world.chiping.id
    assert (
        submit(session, world.commissioner1, checkin_body(site, at=last_week)).unit.id == world.dongchangfu.id
    )


def test_it_takes_and_flags_a_record_of_somebody_who_is_not_assigned(session, world, site):
    assert flag_codes(submit(session, world.commissioner1, checkin_body(site))) == []
    assert flag_codes(submit(session, world.field2, checkin_body(site))) == ["not_assigned"]


def test_it_takes_a_late_record_of_a_site_that_is_closed(session, world, site):
    site.closed_at = now() - timedelta(hours=3)
    session.flush()
    assert flag_codes(submit(session, world.commissioner1, checkin_body(site))) == ["site_closed"]


def test_it_compares_progress_with_the_last_record_before_it(session, world, site):
    def progress(percent, days_ago):
        moment = (now() - timedelta(days=days_ago)).isoformat()
        body = checkin_body(
            site, kind="progress", at=moment, captured_at=moment, progress={"percent": percent}
        )
        return submit(session, world.commissioner1, body)

    assert flag_codes(progress(40, 10)) == []
    withdrawn = progress(80, 5)
    commands.withdraw_checkin(session, world.commissioner1, withdrawn.id, "填错了")
    assert flag_codes(progress(41, 4)) == []
    fallen = progress(40.5, 3)
    assert fallen.progress.percent == Decimal("40.5")
    assert [(flag["code"], flag["value"], flag["limit"]) for flag in fallen.flags] == [
        ("progress_fell", 40.5, 41.0)
    ]


def test_it_claims_its_photos_and_an_edit_lets_go_of_those_it_no_longer_names(session, world, site):
    first, second = uuid7(), uuid7()
    view = submit(session, world.commissioner1, checkin_body(site, photo_ids=[str(first), str(second)]))
    assert (view.photos.expected, view.photos.received, view.photos.missing) == (2, 0, (first, second))
    edit = checkin_body(site, photo_ids=[str(second)], base_rev=1)
    submit(session, world.commissioner1, edit, view.id)
    claims = session.execute(sa.select(PhotoClaim.photo_id, PhotoClaim.record_type)).all()
    assert [tuple(claim) for claim in claims] == [(second, "checkin")]


def test_it_flags_a_photo_that_another_record_uses_as_information_only(session, world, site):
    photo = str(uuid7())
    submit(session, world.commissioner1, checkin_body(site, photo_ids=[photo]))
    again = submit(session, world.commissioner1, checkin_body(site, note="再次", photo_ids=[photo]))
    assert [(flag["code"], flag["severity"]) for flag in again.flags] == [("photo_reused", "info")]


def test_it_keeps_a_withdrawn_record_closed_with_its_first_reason(session, world, site):
    view = submit(session, world.commissioner1, checkin_body(site))
    commands.withdraw_checkin(session, world.commissioner1, view.id, "填错了")
    again = commands.withdraw_checkin(session, world.commissioner1, view.id, "另一个理由")
    assert again.withdrawn_because == "填错了"
    with pytest.raises(RecordClosed) as refused:
        submit(session, world.commissioner1, checkin_body(site, note="改", base_rev=1), view.id)
    assert refused.value.extra["conflict"]["server_rev"] == 1


def test_it_leaves_an_audit_entry_for_every_write_and_none_for_a_repeat(session, world, site):
    body = checkin_body(site)
    view = submit(session, world.commissioner1, body)
    submit(session, world.commissioner1, body, view.id)
    submit(session, world.commissioner1, checkin_body(site, note="改", base_rev=1), view.id)
    commands.withdraw_checkin(session, world.commissioner1, view.id, "填错了")
    session.flush()
    entries = (
        sa.select(AuditEntry.action).where(AuditEntry.subject_id == str(view.id)).order_by(AuditEntry.id)
    )
    assert session.scalars(entries).all() == ["checkin.submit", "checkin.edit", "checkin.withdraw"]


def test_it_filters_by_site_project_unit_person_and_half_open_days(session, world, site):
    project = add_project(session, world.chiping)
    other = add_site(session, world.chiping, project_id=project.id)
    today = local_date(now())
    mine = submit(session, world.commissioner1, checkin_body(site))
    theirs = submit(session, world.field2, checkin_body(other))
    answers = {
        "all": queries.CheckinFilter(),
        "site": queries.CheckinFilter(site_id=site.id),
        "project": queries.CheckinFilter(project_id=project.id),
        "unit": queries.CheckinFilter(unit_id=world.dongchangfu.id),
        "user": queries.CheckinFilter(user_id=world.field2.person_id),
        "today": queries.CheckinFilter(from_on=today, until_on=today + timedelta(days=1)),
        "before today": queries.CheckinFilter(until_on=today),
    }
    found = {
        name: {view.id for view in queries.checkins_in_scope(session, world.hq1, what, PageRequest()).items}
        for name, what in answers.items()
    }
    assert found == {
        "all": {mine.id, theirs.id},
        "site": {mine.id},
        "project": {theirs.id},
        "unit": {mine.id},
        "user": {theirs.id},
        "today": {mine.id, theirs.id},
        "before today": set(),
    }


def test_it_shows_each_site_with_ones_own_last_record_there(session, world, site):
    submit(session, world.field1, checkin_body(site, at=(now() - timedelta(days=2)).isoformat()))
    mine = submit(session, world.commissioner1, checkin_body(site))
    submit(session, world.field1, checkin_body(site))
    shown = queries.my_sites_visited(session, world.commissioner1, None, PageRequest()).items
    assert [one.last_checkin.id for one in shown] == [mine.id]


def test_it_writes_one_row_for_each_record(session, world, site):
    view = submit(session, world.commissioner1, checkin_body(site))
    submit(session, world.commissioner1, checkin_body(site, note="改", base_rev=1), view.id)
    checkin = session.scalars(sa.select(Checkin)).one()
    assert (checkin.rev, checkin.note, checkin.number) == (2, "改", view.number)
