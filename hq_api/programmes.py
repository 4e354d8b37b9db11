"""Programmes, their targets by form and by file, and their target lists; headquarters writes, offices read."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.programmes import (
    ChangedEntriesOut,
    EntriesIn,
    EntryOut,
    ProgrammeIn,
    ProgrammeOut,
    ProgrammePatchIn,
    RemovalIn,
    TargetImportOut,
    TargetImportQuery,
    TargetListIn,
    TargetListOut,
    TargetsIn,
    TargetsOut,
    TargetsQuery,
)
from service.http.blueprint import Blueprint, untransacted
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.schemas import PageQuery, page_request
from service.http.uploads import FILE_BODY, uploaded_file
from service.http.work import transaction, work
from service.kernel.pages import Page
from service.programmes import commands, queries, target_lists, target_tables, targets
from service.programmes.models import Programme
from service.programmes.target_tables import TargetFile, TargetReport
from service.visits import consequences

blueprint = Blueprint("programmes", __name__, guard=office, description="方案与目标 / Programmes and targets")


@blueprint.route("/programmes")
class Programmes(MethodView):
    """All programmes."""

    @blueprint.response(200, list_of(ProgrammeOut)())
    def get(self) -> Page[Programme]:
        """List programmes, the newest first."""
        return Page(queries.programmes(work().session), None)

    @blueprint.arguments(ProgrammeIn())
    @blueprint.response(201, ProgrammeOut())
    def post(self, new: commands.NewProgramme) -> Programme:
        """Make a programme; visits of its days that are here already count.

        Refused as `programme_overlaps` when an open programme of the same year covers some of its days, unless
        `allow_overlap` says that both are meant.
        """
        return consequences.create_programme(work().session, work().signed_in, new)


@blueprint.route("/programmes/<uuid:programme_id>")
class OneProgramme(MethodView):
    """One programme."""

    @blueprint.response(200, ProgrammeOut())
    def get(self, programme_id: UUID) -> Programme:
        """Show a programme and its rules."""
        return queries.programme(work().session, programme_id)

    @blueprint.arguments(ProgrammePatchIn())
    @blueprint.response(200, ProgrammeOut())
    def patch(self, changes: commands.ProgrammeChanges, programme_id: UUID) -> Programme:
        """Change a programme; every visit counts again by the rules and dates as they are now."""
        consequences.amend_programme(work().session, work().signed_in, programme_id, changes)
        return queries.programme(work().session, programme_id)

    @blueprint.response(204)
    def delete(self, programme_id: UUID) -> None:
        """Delete an open programme without targets, target enterprises and credited visits."""
        consequences.delete_programme(work().session, work().signed_in, programme_id)


@blueprint.route("/programmes/<uuid:programme_id>/closure")
class ProgrammeClosure(MethodView):
    """The end of changes to a programme."""

    @blueprint.response(200, ProgrammeOut())
    def post(self, programme_id: UUID) -> Programme:
        """Close a programme: its rules, targets and lists stay as they are."""
        return commands.close_programme(work().session, work().signed_in, programme_id)


@blueprint.route("/programmes/<uuid:programme_id>/targets")
class Targets(MethodView):
    """三套目标 of the city and its units."""

    @blueprint.response(200, TargetsOut())
    def get(self, programme_id: UUID) -> dict[str, Any]:
        """List the targets, and whether the units' add up to the city's."""
        return _targets(programme_id)

    @blueprint.arguments(TargetsQuery(), location="query")
    @blueprint.arguments(TargetsIn())
    @blueprint.response(200, TargetsOut())
    def put(
        self, asked: dict[str, bool], told: list[targets.TargetFigure], programme_id: UUID
    ) -> dict[str, Any]:
        """Set the targets that are named; all others stay, unless `replace=true` takes them away.

        Rows as they are listed can be sent back: `{line, unit_id, targets: {baseline, working, striving}}`, where
        null takes a target away; or one target each: `{line, unit_id, level, subjects}`.
        """
        write = targets.set_targets if asked["replace"] else targets.put_targets
        write(work().session, work().signed_in, programme_id, told)
        return _targets(programme_id)


@blueprint.route("/programmes/<uuid:programme_id>/targets/imports")
class TargetImports(MethodView):
    """Targets by file."""

    @blueprint.arguments(TargetImportQuery(), location="query")
    @blueprint.doc(**FILE_BODY)
    @blueprint.response(200, TargetImportOut())
    @untransacted
    def post(self, asked: dict[str, bool], programme_id: UUID) -> TargetReport:
        """Set the targets of a table (单位、指标、计划目标、工作目标、奋斗目标); a dry run changes nothing."""
        what = TargetFile(*uploaded_file(), dry_run=asked["dry_run"])
        with transaction() as session:
            return target_tables.import_targets(session, work().signed_in, programme_id, what)


@blueprint.route("/programmes/<uuid:programme_id>/lists")
class TargetLists(MethodView):
    """目标企业库 of a programme."""

    @blueprint.response(200, list_of(TargetListOut)())
    def get(self, programme_id: UUID) -> Page[queries.TargetListRow]:
        """List the target lists with their sizes."""
        return Page(queries.target_lists(work().session, programme_id), None)

    @blueprint.arguments(TargetListIn())
    @blueprint.response(201, TargetListOut())
    def post(self, told: dict[str, str], programme_id: UUID) -> queries.TargetListRow:
        """Make a target list."""
        made = target_lists.create_target_list(work().session, work().signed_in, programme_id, told["name"])
        return queries.TargetListRow(made.id, made.programme_id, made.name, 0, made.created_at)


@blueprint.route("/programmes/<uuid:programme_id>/lists/<uuid:list_id>/entries")
class Entries(MethodView):
    """The enterprises on a target list."""

    @blueprint.arguments(PageQuery(), location="query")
    @blueprint.response(200, list_of(EntryOut)())
    def get(self, query: dict[str, Any], programme_id: UUID, list_id: UUID) -> Page[queries.EntryRow]:
        """List the enterprises on a target list by name."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(queries.entries(work().session, programme_id, list_id, page))

    @blueprint.arguments(EntriesIn())
    @blueprint.response(200, ChangedEntriesOut())
    def post(self, told: dict[str, Any], programme_id: UUID, list_id: UUID) -> dict[str, list[UUID]]:
        """Put enterprises on the list, each with the unit that is to visit it; their visits count."""
        session, actor = work().session, work().signed_in
        return {
            "changed": consequences.put_on_target_list(session, actor, programme_id, list_id, told["entries"])
        }


@blueprint.route("/programmes/<uuid:programme_id>/lists/<uuid:list_id>/removals")
class Removals(MethodView):
    """Enterprises that leave a target list."""

    @blueprint.arguments(RemovalIn())
    @blueprint.response(200, ChangedEntriesOut())
    def post(self, told: dict[str, Any], programme_id: UUID, list_id: UUID) -> dict[str, list[UUID]]:
        """Take enterprises off the list; their visits count only for what else they are."""
        session, actor, ids = work().session, work().signed_in, told["enterprise_ids"]
        return {"changed": consequences.take_off_target_list(session, actor, programme_id, list_id, ids)}


def _targets(programme_id: UUID) -> dict[str, Any]:
    session = work().session
    queries.programme(session, programme_id)
    return {
        "items": queries.targets(session, programme_id),
        "roll_up": targets.roll_up(session, programme_id),
        "next_cursor": None,
    }
