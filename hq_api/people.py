"""People and their accounts; headquarters and administrators write them."""

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView

from hq_api.schemas.accounts import AccountImportOut, AccountImportQuery, PinOut
from hq_api.schemas.people import (
    OneTimePasswordOut,
    PeopleQuery,
    PersonIn,
    PersonList,
    PersonOut,
    PersonPatchIn,
    PostingIn,
)
from service.accounts import directory, enrolment, imports, people
from service.accounts.directory import PersonFilter, PersonRow
from service.accounts.enrolment import IssuedPin
from service.accounts.imports import PERSON_COLUMNS, ImportReport
from service.accounts.models import User
from service.accounts.people import Move, NewPerson, PersonAmendment
from service.http import guards
from service.http.blueprint import Blueprint, untransacted
from service.http.conditional import paged
from service.http.schemas import page_request
from service.http.uploads import FILE_BODY, uploaded_file
from service.http.work import house, transaction, work
from service.kernel.pages import Page
from service.kernel.tables import read_table

blueprint = Blueprint("people", __name__, guard=guards.office, description="人员 / People")


def _shown(user: User) -> PersonRow:
    return directory.person_seen(work().session, work().signed_in, user.id)


@blueprint.route("/people")
class People(MethodView):
    """The people in scope."""

    @blueprint.arguments(PeopleQuery(), location="query")
    @blueprint.response(200, PersonList())
    def get(self, asked: dict[str, Any]) -> Page[PersonRow]:
        """List people by user name."""
        page = page_request(asked["limit"], asked["cursor"], parts=1)
        which = PersonFilter(asked["q"], asked["unit_id"], asked["role"], asked["closed"])
        return paged(directory.people_seen(work().session, work().signed_in, page, which))

    @blueprint.arguments(PersonIn())
    @blueprint.response(201, PersonOut())
    def post(self, told: dict[str, Any]) -> PersonRow:
        """Open an account."""
        new = NewPerson(**{**told, "roles": frozenset(told["roles"])})
        return _shown(people.register_person(work().session, work().signed_in, new))


@blueprint.route("/people/<uuid:person_id>")
class Person(MethodView):
    """One person."""

    @blueprint.response(200, PersonOut())
    def get(self, person_id: UUID) -> PersonRow:
        """Show a person."""
        return directory.person_seen(work().session, work().signed_in, person_id)

    @blueprint.arguments(PersonPatchIn())
    @blueprint.response(200, PersonOut())
    def patch(self, told: dict[str, Any], person_id: UUID) -> PersonRow:
        """Change name, phone, rank or roles."""
        return _shown(people.amend_person(work().session, work().signed_in, PersonAmendment(person_id, told)))


@blueprint.route("/people/<uuid:person_id>/posting")
class PersonPosting(MethodView):
    """Where a person belongs."""

    @blueprint.arguments(PostingIn())
    @blueprint.response(200, PersonOut())
    def post(self, told: dict[str, Any], person_id: UUID) -> PersonRow:
        """Move a person to another unit from a day on; their records keep their unit."""
        return _shown(people.move_person(work().session, work().signed_in, Move(person_id, **told)))


@blueprint.route("/people/<uuid:person_id>/password")
class PersonPassword(MethodView):
    """A forgotten password."""

    @blueprint.response(201, OneTimePasswordOut())
    def post(self, person_id: UUID) -> dict[str, str]:
        """Reset a password; the one-time password is shown once, and every sign-in ends."""
        password = people.reset_password(work().session, work().signed_in, person_id)
        return {"one_time_password": password}


@blueprint.route("/people/<uuid:person_id>/enrolments")
class PersonEnrolments(MethodView):
    """PINs for a new phone."""

    @blueprint.response(201, PinOut())
    def post(self, person_id: UUID) -> IssuedPin:
        """Issue a one-time PIN with its QR code."""
        return enrolment.issue_pin(
            work().session,
            work().signed_in,
            person_id,
            secret=house().settings.secret,
            server=request.host_url.rstrip("/"),
        )


@blueprint.route("/people/<uuid:person_id>/closing")
class PersonClosing(MethodView):
    """The end of an account."""

    @blueprint.response(200, PersonOut())
    def post(self, person_id: UUID) -> PersonRow:
        """Close an account; every sign-in ends at once."""
        return _shown(people.close_person(work().session, work().signed_in, person_id))


@blueprint.route("/people/<uuid:person_id>/reopening")
class PersonReopening(MethodView):
    """An account's second beginning."""

    @blueprint.response(200, PersonOut())
    def post(self, person_id: UUID) -> PersonRow:
        """Open a closed account again."""
        return _shown(people.reopen_person(work().session, work().signed_in, person_id))


@blueprint.route("/people/imports")
class PeopleImports(MethodView):
    """People by file."""

    @blueprint.arguments(AccountImportQuery(), location="query")
    @blueprint.doc(**FILE_BODY)
    @blueprint.response(200, AccountImportOut())
    @untransacted
    def post(self, asked: dict[str, bool]) -> ImportReport:
        """Import people from CSV or XLSX, with a line for each row; a dry run changes nothing."""
        filename, raw = uploaded_file()
        table = read_table(filename, raw, headings=imports.headings(PERSON_COLUMNS))
        with transaction() as session:
            return imports.import_people(session, work().signed_in, table, dry_run=asked["dry_run"])
