"""Each report is drafted the morning after its period, so that an editor finds it ready."""

from datetime import timedelta

from service.jobs.queue import periodic
from service.jobs.workshop import Workshop
from service.kernel.actor import Actor
from service.kernel.calendar import containing, local_date
from service.kernel.clock import now
from service.programmes.errors import UnknownProgramme
from service.reports.catalogue import CATALOGUE
from service.reports.commands import Order, draft_report
from service.reports.errors import DraftExists, OutsideProgramme
from service.reports.queries import is_issued


@periodic("reports.draft", cron="10 22 * * *")
def draft_what_is_due(workshop: Workshop) -> None:
    """Draft each report whose period ended yesterday (06:10 in Shanghai); what is there already stays as it is."""
    yesterday = local_date(now()) - timedelta(days=1)
    for kind, entry in CATALOGUE.items():
        if containing(entry.period, yesterday).last_on == yesterday:
            _draft(workshop, Order(kind, yesterday))


def _draft(workshop: Workshop, order: Order) -> None:
    try:
        with workshop.sessions.begin() as session:
            if not is_issued(
                session, order.kind, containing(CATALOGUE[order.kind].period, order.on).start_on
            ):
                draft_report(session, Actor.system("reports.draft"), order)
    except (DraftExists, OutsideProgramme, UnknownProgramme):
        return
