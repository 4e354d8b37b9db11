import pytest
import sqlalchemy as sa
import time_machine

from service.jobs.workshop import Workshop
from service.reports.jobs import draft_what_is_due
from service.reports.models import Report, ReportKind


@pytest.fixture
def workshop(settings, sessions, store):
    return Workshop(settings, sessions, store)


def drafts(session):
    return sorted(session.scalars(sa.select(Report.kind)))


@pytest.mark.parametrize(
    ("morning", "kinds"),
    [
        ("2026-11-16T06:10:00+08:00", [ReportKind.HALF_MONTH, ReportKind.WEEKLY]),
        ("2026-11-23T06:10:00+08:00", [ReportKind.WEEKLY]),
        ("2026-11-24T06:10:00+08:00", []),
        (
            "2026-12-01T06:10:00+08:00",
            [ReportKind.HALF_MONTH, ReportKind.MONTHLY, ReportKind.MONTHLY_INSPECTION],
        ),
    ],
)
def test_it_drafts_what_ended_yesterday_and_nothing_twice(session, world, workshop, morning, kinds):
    with time_machine.travel(morning, tick=False):
        draft_what_is_due(workshop)
        draft_what_is_due(workshop)
    assert drafts(session) == kinds


def test_it_drafts_nothing_where_there_is_no_programme(session, workshop):
    draft_what_is_due(workshop)
    assert drafts(session) == []
