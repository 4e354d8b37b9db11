"""Offices keep the projects and sites of their own units; everybody else only reads."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.audit.models import AuditEntry
from service.kernel.errors import Forbidden, Invalid
from service.projects import assigning, commands
from service.projects.errors import AlreadyAssigned, UnknownAssignment, UnknownProject, UnknownSite
from service.projects.models import Duty, ProjectStage
from tests.factories.sites import (
    HOUSE,
    LONG_AGO,
    add_assignment,
    add_project,
    add_site,
    add_station,
    circle,
    square,
)


@pytest.fixture
def site(session, world):
    return add_site(session, world.dongchangfu)


@pytest.mark.parametrize("name", ["field1", "commissioner1", "department1", "leader1", "inspector1"])
def test_it_lets_nobody_but_offices_write(session, world, site, name):
    actor = getattr(world, name)
    with pytest.raises(Forbidden):
        commands.open_project(session, actor, commands.NewProject("项目", world.dongchangfu.id))
    with pytest.raises(Forbidden):
        commands.redraw_site(session, actor, site.id, square())
    with pytest.raises(Forbidden):
        assigning.assign(
            session, actor, assigning.NewAssignment(actor.person_id, site.id, Duty.SPONSOR, LONG_AGO)
        )


def completed(project):
    return commands.ProjectAmendment(project.id, {"stage": ProjectStage.COMPLETED})


def test_it_does_not_let_an_office_touch_another_unit(session, world, site):
    project = add_project(session, world.dongchangfu)
    with pytest.raises(UnknownProject):
        commands.amend_project(session, world.unit2, completed(project))
    with pytest.raises(UnknownSite):
        commands.close_site(session, world.unit2, site.id)
    with pytest.raises(Invalid) as refused:
        commands.open_site(session, world.unit2, commands.NewSite("工地", world.dongchangfu.id, circle()))
    assert refused.value.faults[0].pointer == "/unit_id"
    assignment = add_assignment(session, world.commissioner1, site)
    with pytest.raises(UnknownAssignment):
        assigning.end_assignment(session, world.unit2, assignment.id, date(2026, 1, 1))


def test_it_lets_an_office_keep_its_own_unit_and_those_below(session, world):
    site = commands.open_site(session, world.unit1, commands.NewSite("街道工地", world.town.id, circle()))
    commands.redraw_site(session, world.unit1, site.id, square())
    assert site.ring is not None
    assert site.radius_m is None


@pytest.mark.parametrize("field", ["unit_id", "enterprise_id"])
def test_it_points_at_what_a_project_names_and_is_not_there(session, world, field):
    new = {"name": "项目", "unit_id": world.dongchangfu.id} | {field: uuid4()}
    with pytest.raises(Invalid) as refused:
        commands.open_project(session, world.hq1, commands.NewProject(**new))
    assert refused.value.faults[0].pointer == f"/{field}"


def test_it_knows_a_closed_site_no_more(session, world, site):
    commands.close_site(session, world.hq1, site.id)
    with pytest.raises(UnknownSite):
        commands.close_site(session, world.hq1, site.id)
    with pytest.raises(UnknownSite):
        add_station(session, world.dongchangfu, site)


def test_it_assigns_a_duty_once_at_a_time(session, world, site):
    add_assignment(session, world.commissioner1, site, until_on=date(2026, 6, 1))
    with pytest.raises(AlreadyAssigned):
        add_assignment(session, world.commissioner1, site, from_on=date(2026, 5, 31))
    add_assignment(session, world.commissioner1, site, from_on=date(2026, 6, 1))
    add_assignment(session, world.commissioner1, site, duty=Duty.SERVICE_OFFICER)


def test_it_refuses_an_assignment_that_ends_before_it_starts(session, world, site):
    with pytest.raises(Invalid) as refused:
        add_assignment(session, world.commissioner1, site, until_on=LONG_AGO)
    assert refused.value.faults[0].pointer == "/until_on"


def test_it_moves_the_end_of_an_assignment_only_closer(session, world, site):
    assignment = add_assignment(session, world.commissioner1, site)
    assigning.end_assignment(session, world.hq1, assignment.id, date(2026, 6, 1))
    assigning.end_assignment(session, world.hq1, assignment.id, date(2026, 5, 1))
    assert assignment.until_on == date(2026, 5, 1)
    with pytest.raises(Invalid):
        assigning.end_assignment(session, world.hq1, assignment.id, date(2026, 5, 2))
    with pytest.raises(Invalid):
        assigning.end_assignment(session, world.hq1, assignment.id, LONG_AGO - timedelta(days=1))


def test_it_leaves_an_audit_entry_for_every_write(session, world):
    project = add_project(session, world.dongchangfu)
    commands.amend_project(session, HOUSE, completed(project))
    site = add_site(session, world.dongchangfu)
    commands.redraw_site(session, HOUSE, site.id, square())
    station = add_station(session, world.dongchangfu, site)
    assigning.close_station(session, HOUSE, station.id)
    assignment = add_assignment(session, world.commissioner1, site)
    assigning.end_assignment(session, HOUSE, assignment.id, date(2026, 1, 1))
    commands.close_site(session, HOUSE, site.id)
    session.flush()
    assert session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all() == [
        "project.open",
        "project.move",
        "site.open",
        "site.redraw",
        "station.open",
        "station.close",
        "assignment.open",
        "assignment.end",
        "site.close",
    ]
