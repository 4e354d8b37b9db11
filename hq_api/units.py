"""The tree of units; headquarters and administrators write it."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.accounts import AccountImportOut, AccountImportQuery
from hq_api.schemas.units import UnitIn, UnitList, UnitOut, UnitPatchIn, UnitsQuery
from service.accounts import directory, imports, units
from service.accounts.directory import UnitRow, unit_row
from service.accounts.imports import UNIT_COLUMNS, ImportReport
from service.accounts.units import NewUnit, UnitAmendment
from service.http import guards
from service.http.blueprint import Blueprint, untransacted
from service.http.conditional import paged
from service.http.schemas import page_request
from service.http.uploads import FILE_BODY, uploaded_file
from service.http.work import transaction, work
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.pages import Page
from service.kernel.tables import read_table

blueprint = Blueprint("units", __name__, guard=guards.office, description="单位 / Units")


@blueprint.route("/units")
class Units(MethodView):
    """The units in scope."""

    @blueprint.arguments(UnitsQuery(), location="query")
    @blueprint.response(200, UnitList())
    def get(self, asked: dict[str, Any]) -> Page[UnitRow]:
        """List units from the root down."""
        page = page_request(asked["limit"], asked["cursor"], parts=3)
        return paged(directory.units_seen(work().session, work().signed_in, page, on=asked["on"]))

    @blueprint.arguments(UnitIn())
    @blueprint.response(201, UnitOut())
    def post(self, told: dict[str, Any]) -> UnitRow:
        """Open a unit."""
        new = NewUnit(**{**told, "valid_from": told["valid_from"] or local_date(now())})
        return unit_row(units.open_unit(work().session, work().signed_in, new))


@blueprint.route("/units/<uuid:unit_id>")
class OneUnit(MethodView):
    """One unit."""

    @blueprint.arguments(UnitPatchIn())
    @blueprint.response(200, UnitOut())
    def patch(self, told: dict[str, Any], unit_id: UUID) -> UnitRow:
        """Rename, regroup, reorder or end a unit."""
        return unit_row(units.amend_unit(work().session, work().signed_in, UnitAmendment(unit_id, told)))


@blueprint.route("/units/imports")
class UnitImports(MethodView):
    """Units by file."""

    @blueprint.arguments(AccountImportQuery(), location="query")
    @blueprint.doc(**FILE_BODY)
    @blueprint.response(200, AccountImportOut())
    @untransacted
    def post(self, asked: dict[str, bool]) -> ImportReport:
        """Import units from CSV or XLSX, with a line for each row; a dry run changes nothing."""
        filename, raw = uploaded_file()
        table = read_table(filename, raw, headings=imports.headings(UNIT_COLUMNS))
        with transaction() as session:
            return imports.import_units(session, work().signed_in, table, dry_run=asked["dry_run"])
