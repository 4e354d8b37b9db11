"""Cases made from the contract itself, valid and invalid: every answer is one that the contract has."""

import gc
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.accounts import sessions
from tests.hostile.contract import document, routes

EXAMPLES = int(os.environ.get("QIANBAI_SCHEMATHESIS_EXAMPLES", "6"))
PEOPLE = ("field1", "unit1", "hq1")

# Left out, because a schema cannot say everything and these would call right answers wrong:
#   positive_data_acceptance      bodies of the right shape may break a rule (an unknown id, an end before its start).
#   negative_data_rejection       phones' unknown fields are ignored by contract, and query strings may hold more.
#   missing_required_header, ignored_auth, unsupported_method
#                                 tests/hostile/test_access.py asks every route without and with false tokens.
#   use_after_free, ensure_resource_availability
#                                 each case is undone, so that nothing is there after it was made.
CHECKED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

pytestmark = pytest.mark.slow
CONTRACT = schemathesis.openapi.from_dict(document())


def template(route):
    return "/".join(
        "{" + step.strip("<>").split(":")[-1] + "}" if step.startswith("<") else step
        for step in route.rule.split("/")
    )


def speaks_tus(route):
    """Bytes of a type that no serialiser writes; tests/mobile_api/tus asks these doors by the protocol's own words."""
    return route.rule.endswith("/tus") and route.method in {"POST", "PATCH"}


@pytest.fixture(scope="module")
def tokens(siege_session):
    attack, session = siege_session
    world = attack.town.world
    return {
        name: sessions.open_sign_in(
            session, user_id=getattr(world, name).person_id, device_id=None, secret=b"test secret"
        ).access_token
        for name in PEOPLE
    }


# Schemathesis does not close the answers it has read: a table's temporary file waits for the collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("route", [route for route in routes() if not speaks_tus(route)], ids=str)
def test_it_answers_within_its_contract(siege, tokens, route):
    CONTRACT.app = siege.field_worker.app
    operation = CONTRACT[template(route)][route.method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), person=st.sampled_from(PEOPLE))
    def run(case, person):
        around = siege.connection.begin_nested()
        try:
            headers = {"Authorization": f"Bearer {tokens[person]}", "Accept-Encoding": "identity"}
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=CHECKED, headers=headers)
        finally:
            around.rollback()

    run()
    gc.collect()
