"""Code lists carry every code the house knows, with names in both languages."""

import re

from service.accounts.models import UnitKind
from service.checkins.models import CheckinKind
from service.enterprises.models import EnterpriseKind
from service.http.codes import CODE_LISTS
from service.issues.clock import Light
from service.issues.models import CallRole, EventKind, IssueCategory, IssueSeverity, IssueState, Level
from service.kernel.actor import Role
from service.kernel.datum import Datum
from service.photos.models import PhotoSource
from service.privacy.models import Door, Refused
from service.programmes.models import TargetLevel
from service.projects.lights import ProjectLight
from service.projects.models import ContractKind, Duty
from service.visits.models import Intention, ReviewState, VisitMode

ENUMS = {
    "mode": VisitMode,
    "intention": Intention,
    "review_state": ReviewState,
    "enterprise_kind": EnterpriseKind,
    "checkin_kind": CheckinKind,
    "duty": Duty,
    "issue_category": IssueCategory,
    "issue_severity": IssueSeverity,
    "issue_state": IssueState,
    "issue_event": EventKind,
    "issue_level": Level,
    "issue_light": Light,
    "issue_role": CallRole,
    "contract_kind": ContractKind,
    "project_light": ProjectLight,
    "datum": Datum,
    "photo_source": PhotoSource,
    "target_level": TargetLevel,
    "unit_kind": UnitKind,
    "role": Role,
    "view_door": Door,
    "privacy_refusal": Refused,
}


def test_it_refuses_a_stranger(client):
    assert client.get("/api/v1/codes").status_code == 401


def test_it_shows_every_list_with_names_in_both_languages(client, world):
    answer = client.as_(world.field1).get("/api/v1/codes")

    assert answer.status_code == 200
    lists = answer.get_json()
    assert set(lists) == set(CODE_LISTS)
    for name, codes in lists.items():
        assert codes, name
        assert len({code["code"] for code in codes}) == len(codes), name
        for code in codes:
            assert re.fullmatch(r"[a-z0-9_]+", code["code"]), code
            assert not code["zh"].isascii() or name == "datum", code
            assert code["en"].isascii(), code
    assert {"code": "door_to_door", "zh": "登门招商", "en": "Door to door"} in lists["method"]


def test_it_names_every_value_of_every_choice():
    for name, enum in ENUMS.items():
        assert [code.code for code in CODE_LISTS[name]] == [member.value for member in enum], name


def test_it_answers_304_to_a_phone_that_has_the_lists(client, world):
    phone = client.as_(world.field1)
    first = phone.get("/api/v1/codes")
    again = phone.get("/api/v1/codes", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.data == b""
    assert first.headers["Cache-Control"] == "private, no-cache"
