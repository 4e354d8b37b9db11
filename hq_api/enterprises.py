"""The register for headquarters: enterprises, their names and groups, imports, duplicates and merges."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.enterprise_imports import EnterpriseImportOut, ImportOptions
from hq_api.schemas.enterprises import (
    AliasIn,
    AliasOut,
    DuplicatesQuery,
    EnterpriseIn,
    EnterpriseOut,
    EnterprisePatchIn,
    EnterpriseRowList,
    GroupIn,
    GroupLinkIn,
    GroupList,
    GroupMadeOut,
    GroupsQuery,
    MergeIn,
    MergeOut,
    RegisterQuery,
    SuspectedPairList,
    amendment,
)
from service.enterprises import commands, groups, import_reports, queries, search, suspicions
from service.enterprises.grouping import GroupLink, create_group
from service.enterprises.import_reports import ImportReport
from service.enterprises.importing import ImportOrder
from service.enterprises.models import EnterpriseMerge
from service.enterprises.queries import EnterpriseDetails, FoundEnterprise
from service.http import guards
from service.http.blueprint import Blueprint, untransacted
from service.http.conditional import paged
from service.http.schemas import page_request
from service.http.uploads import FILE_BODY, file_fields, uploaded_file
from service.http.work import transaction, work
from service.kernel.pages import Page
from service.visits import consequences, imports, merging
from service.visits.unvisited import Wanted, find_enterprises

blueprint = Blueprint(
    "hq-enterprises", __name__, guard=guards.office, description="企业库 / The register of enterprises"
)


@blueprint.route("/enterprises")
class Enterprises(MethodView):
    """The register."""

    @blueprint.arguments(RegisterQuery(), location="query")
    @blueprint.response(200, EnterpriseRowList())
    def get(self, asked: dict[str, Any]) -> Page[FoundEnterprise]:
        """Search by name part, alias, pinyin initials or credit code; without `q`, all by name."""
        page = page_request(asked["limit"], asked["cursor"], parts=search.KEY_PARTS)
        wanted = Wanted(asked["q"], asked["list"], asked["not_visited"], page)
        return paged(find_enterprises(work().session, work().signed_in, wanted))

    @blueprint.arguments(EnterpriseIn())
    @blueprint.response(201, EnterpriseOut())
    def post(self, registration: commands.Registration) -> EnterpriseDetails:
        """Register an enterprise."""
        made = commands.register_enterprise(work().session, work().signed_in, registration)
        return queries.details(work().session, made)


@blueprint.route("/enterprises/<uuid:enterprise_id>")
class OneEnterprise(MethodView):
    """One enterprise."""

    @blueprint.response(200, EnterpriseOut())
    def get(self, enterprise_id: UUID) -> EnterpriseDetails:
        """Read one enterprise with its names, group and places on lists."""
        return queries.details(work().session, enterprise_id)

    @blueprint.arguments(EnterprisePatchIn())
    @blueprint.response(200, EnterpriseOut())
    def patch(self, told: dict[str, Any], enterprise_id: UUID) -> EnterpriseDetails:
        """Change an enterprise; its visits count as it is now."""
        consequences.amend_enterprise(work().session, work().signed_in, amendment(enterprise_id, told))
        return queries.details(work().session, enterprise_id)


@blueprint.route("/enterprises/<uuid:enterprise_id>/aliases")
class Aliases(MethodView):
    """Its other names."""

    @blueprint.arguments(AliasIn())
    @blueprint.response(201, AliasOut())
    def post(self, told: dict[str, Any], enterprise_id: UUID) -> dict[str, Any]:
        """Add another name."""
        alias = commands.NewAlias(enterprise_id, told["name"])
        return {"id": commands.add_alias(work().session, work().signed_in, alias), **told}


@blueprint.route("/enterprises/<uuid:enterprise_id>/aliases/<uuid:alias_id>")
class OneAlias(MethodView):
    """One of its other names."""

    @blueprint.response(204)
    def delete(self, enterprise_id: UUID, alias_id: UUID) -> None:
        """Remove another name."""
        removal = commands.AliasRemoval(enterprise_id, alias_id)
        commands.remove_alias(work().session, work().signed_in, removal)


@blueprint.route("/enterprises/<uuid:enterprise_id>/group")
class GroupLinks(MethodView):
    """The group it belongs to."""

    @blueprint.arguments(GroupLinkIn())
    @blueprint.response(200, EnterpriseOut())
    def put(self, told: dict[str, Any], enterprise_id: UUID) -> EnterpriseDetails:
        """Confirm, or only suggest, the group it belongs to; confirmed, its visits count for the group."""
        link = GroupLink(enterprise_id, told["group_id"])
        say = consequences.confirm_group if told["confirmed"] else consequences.suggest_group
        say(work().session, work().signed_in, link)
        return queries.details(work().session, enterprise_id)

    @blueprint.response(204)
    def delete(self, enterprise_id: UUID) -> None:
        """It belongs to no group; its visits count for itself."""
        consequences.leave_group(work().session, work().signed_in, enterprise_id)


@blueprint.route("/enterprises/<uuid:enterprise_id>/merge")
class Merges(MethodView):
    """Making two one."""

    @blueprint.arguments(MergeIn())
    @blueprint.response(201, MergeOut())
    def post(self, told: dict[str, Any], enterprise_id: UUID) -> EnterpriseMerge:
        """Merge it into another, which stands for both with all visits."""
        return merging.merge_enterprises(work().session, work().signed_in, told["into_id"], enterprise_id)


@blueprint.route("/merges/<uuid:merge_id>/undo")
class Unmerges(MethodView):
    """Making one two again."""

    @blueprint.response(200, MergeOut())
    def post(self, merge_id: UUID) -> EnterpriseMerge:
        """Undo a merge; each has its own names, places and visits again."""
        return merging.unmerge_enterprises(work().session, work().signed_in, merge_id)


@blueprint.route("/enterprises/imports")
class EnterpriseImports(MethodView):
    """Enterprises by file."""

    @blueprint.arguments(ImportOptions(), location="query")
    @blueprint.doc(**FILE_BODY)
    @blueprint.response(200, EnterpriseImportOut())
    @untransacted
    def post(self, asked: dict[str, Any]) -> ImportReport:
        """Import a CSV or XLSX file, with a line for every row; a dry run writes nothing."""
        filename, raw = uploaded_file()
        told = asked | file_fields(ImportOptions())
        order = ImportOrder(filename, raw, told["mapping"], told["well_known"], confirmed=told["confirm"])
        wanted = imports.ListedImport(order, told["list"], told["programme"], told["edition"])
        carry_out = imports.rehearse_import if told["dry_run"] else imports.import_listed
        with transaction() as session:
            return carry_out(session, work().signed_in, wanted)


@blueprint.route("/enterprises/imports/<uuid:import_id>")
class OneImport(MethodView):
    """An earlier import."""

    @blueprint.response(200, EnterpriseImportOut())
    def get(self, import_id: UUID) -> ImportReport:
        """Read what became of a file."""
        return import_reports.kept_report(work().session, work().signed_in, import_id)


@blueprint.route("/groups")
class Groups(MethodView):
    """Business groups."""

    @blueprint.arguments(GroupsQuery(), location="query")
    @blueprint.response(200, GroupList())
    def get(self, asked: dict[str, Any]) -> Page[groups.GroupRow]:
        """List groups by name."""
        page = page_request(asked["limit"], asked["cursor"], parts=groups.KEY_PARTS)
        return paged(groups.groups(work().session, work().signed_in, asked["q"], page))

    @blueprint.arguments(GroupIn())
    @blueprint.response(201, GroupMadeOut())
    def post(self, told: dict[str, Any]) -> dict[str, Any]:
        """Make a group."""
        return {"id": create_group(work().session, work().signed_in, told["name"]), **told}


@blueprint.route("/duplicates")
class Duplicates(MethodView):
    """Suspected duplicates."""

    @blueprint.arguments(DuplicatesQuery(), location="query")
    @blueprint.response(200, SuspectedPairList())
    def get(self, asked: dict[str, Any]) -> Page[suspicions.SuspectedPair]:
        """List pairs that look alike, most alike first."""
        page = page_request(asked["limit"], asked["cursor"], parts=suspicions.KEY_PARTS)
        which = {"state": asked["state"], "enterprise_id": asked["enterprise_id"]}
        return paged(suspicions.suspected_pairs(work().session, work().signed_in, page, **which))


@blueprint.route("/duplicates/<uuid:suspicion_id>/distinct")
class Distinct(MethodView):
    """Two that look alike and are two."""

    @blueprint.response(204)
    def post(self, suspicion_id: UUID) -> None:
        """Decide that the two are two; they are not suspected again."""
        suspicions.decide_distinct(work().session, work().signed_in, suspicion_id)
