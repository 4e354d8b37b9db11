"""One day of one field worker: what the phone shows in the evening is what headquarters has."""

from urllib.parse import quote

import pytest

from tests.support.live import PASSWORD, Phone
from tests.support.office_steps import open_site, register
from tests.support.phone.bodies import new_id
from tests.support.phone_steps import (
    HERE,
    SECONDS,
    a_moment,
    checkin_body,
    handed_in,
    pull_until,
    shown,
    visit_body,
    wait_for_photo,
)
from tests.support.photos import picture

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("a_day_in_the_field")]


@pytest.fixture(scope="module")
def inspur(house):
    return register(house.sign_in("hq1"), "浪潮集团有限公司", short_name="浪潮", well_known=True)


def test_a_stranger_is_told_to_sign_in(house):
    answer = house.stranger.get("/api/v1/me")
    assert (answer.status, answer.json["client_action"]) == (401, "login")
    assert house.stranger.get("/readyz").json["status"] == "ready"


def test_the_worker_signs_in_and_is_known(house, field1):
    me = field1.get("/api/v1/me").json
    assert me["unit"]["name"] == "东昌府区"
    assert "field_staff" in me["roles"]


@pytest.mark.parametrize("word", ["浪潮", "集团", "LCJT", "lcj"])
def test_the_worker_finds_the_enterprise_by_name_and_by_initials(field1, inspur, word):
    found = field1.get(f"/api/v1/enterprises?q={quote(word)}").json["items"]
    assert [one["id"] for one in found] == [inspur]


def test_a_day_in_the_field(house, phone_of, field1, hq, inspur):
    """Nobody else of this module sends a visit as this worker, so the evening list is this story alone."""
    phone = phone_of("field1")
    sent = [
        _a_visit_with_two_photos_arrives_whole_and_is_developed(phone, field1, hq, inspur),
        _a_photo_may_come_after_its_record(phone, field1, inspur),
        _a_free_entry_waits_for_headquarters(phone, field1, hq),
        _a_joint_visit_names_the_other_unit(house, phone, field1, inspur),
        _a_record_for_a_colleague_is_the_colleagues_too(house, phone, field1, inspur),
    ]
    _a_record_for_somebody_of_another_unit_is_kept_and_not_accepted(house, phone, field1, inspur)
    _the_evening_list_has_everything_once(field1, sent)
    _the_phone_shows_in_the_evening_what_the_list_has(phone, field1, sent)


def _a_visit_with_two_photos_arrives_whole_and_is_developed(phone, field1, hq, inspur):
    photos = [str(phone.keep_photo(picture(seed))) for seed in (11, 12)]
    visit = handed_in(
        phone,
        field1,
        enterprise_id=inspur,
        photo_ids=photos,
        location=HERE,
        amount_wan="1.2亿",
        hosts=[{"name": "王总", "title": "董事长", "phone": "13812345678"}],
    )
    assert visit["photos"] == {"expected": 2, "received": 2, "missing": []}
    assert visit["amount_wan"] == "12000"
    assert [wait_for_photo(field1, photo)["state"] for photo in photos] == ["ready", "ready"]
    thumb = field1.get(f"/api/v1/photos/{photos[0]}/renditions/thumb")
    assert (thumb.status, thumb.header("Content-Type")) == (200, "image/jpeg")
    assert b"Exif" not in thumb.body
    seen = hq.get(f"/api/hq/v1/visits/{visit['id']}").json
    assert seen["hosts"][0]["phone"] != "13812345678"
    assert seen["receipt"] == visit["receipt"]
    return visit["id"]


def _a_photo_may_come_after_its_record(phone, field1, inspur):
    late = new_id(phone.clock.now())
    visit = handed_in(
        phone, field1, enterprise_id=inspur, photo_ids=[str(late)], visited_at=a_moment("01-07 09:00")
    )
    assert visit["photos"] == {"expected": 1, "received": 0, "missing": [str(late)]}
    phone.keep_photo(picture(13), photo_id=late)
    again = shown(phone, field1, visit["id"])
    assert again["photos"] == {"expected": 1, "received": 1, "missing": []}
    return visit["id"]


def _a_free_entry_waits_for_headquarters(phone, field1, hq):
    visit = handed_in(phone, field1, enterprise={"name": "某新材料公司", "city": "济南"})
    assert visit["enterprise_id"] is None
    assert [one["code"] for one in visit["counting"]["reasons"]] == ["enterprise_unmatched"]
    assert visit["id"] in [one["id"] for one in hq.every("/api/hq/v1/visits/unmatched")]
    return visit["id"]


def _a_joint_visit_names_the_other_unit(house, phone, field1, inspur):
    visit = handed_in(
        phone,
        field1,
        enterprise_id=inspur,
        joint_units=[str(house.world.chiping.id)],
        visited_at=a_moment("01-08 09:00"),
    )
    assert visit["joint_units"] == [str(house.world.chiping.id)]
    return visit["id"]


def _a_record_for_a_colleague_is_the_colleagues_too(house, phone, field1, inspur):
    world = house.world
    visit = handed_in(
        phone,
        field1,
        enterprise_id=inspur,
        visitor_id=str(world.colleague.person_id),
        visited_at=a_moment("01-09 09:00"),
    )
    assert visit["recorded_by"] == str(world.field1.person_id)
    assert visit["visitor_id"] == str(world.colleague.person_id)
    colleague = house.sign_in("colleague").get(f"/api/v1/visits/{visit['id']}")
    assert colleague.status == 200
    assert house.sign_in("field2").get(f"/api/v1/visits/{visit['id']}").status == 404
    return visit["id"]


def _a_record_for_somebody_of_another_unit_is_kept_and_not_accepted(house, phone, field1, inspur):
    visit_id = phone.keep_visit(
        visit_body(enterprise_id=inspur, visitor_id=str(house.world.field2.person_id))
    )
    phone.sync_until_empty(SECONDS)
    [item] = phone.outbox.problems
    assert (item.id, item.problem["code"]) == (str(visit_id), "may_not_record_for")
    assert item.problem["kept"]["id"] in [one["id"] for one in field1.every("/api/v1/kept")]


def _the_evening_list_has_everything_once(field1, sent):
    visits = field1.every("/api/v1/visits?limit=2")
    ids = [one["id"] for one in visits]
    assert len(ids) == len(set(ids)) == 5
    assert set(ids) == set(sent)
    assert all(one["receipt"]["seal"] is None or ":" in one["receipt"]["seal"] for one in visits)
    numbers = [one["number"] for one in visits]
    assert len(set(numbers)) == len(numbers)


def _the_phone_shows_in_the_evening_what_the_list_has(phone, field1, sent):
    def shows_it() -> bool:
        listed = {one["id"]: one["receipt"] for one in field1.every("/api/v1/visits")}
        assert set(listed) == set(sent)
        pulled = {visit_id: one["receipt"] for visit_id, one in phone.store.all("visit").items()}
        return pulled == listed and len(phone.store.all("kept")) == 1

    pull_until(phone, shows_it, "the phone shows what the list has, and what was kept")


def test_a_check_in_at_the_site_says_how_far_and_whether_inside(house, phone_of, hq):
    site = open_site(hq, house.world.dongchangfu.id)
    phone = phone_of("commissioner1")
    near = phone.keep_checkin(checkin_body(site, location=HERE))
    far = phone.keep_checkin(checkin_body(site, location={**HERE, "lat": 36.56}))
    assert phone.sync_until_empty(SECONDS)
    assert phone.outbox.problems == [], "position is flagged, never refused"
    both = (str(near), str(far))
    pull_until(phone, lambda: set(both) <= set(phone.store.all("checkin")), "the phone shows its check-ins")
    inside, outside = (phone.store.get("checkin", one) for one in both)
    assert inside["inside"] is True
    assert inside["distance_m"] < 5
    assert outside["inside"] is False
    assert outside["flags"]


def test_signing_out_works_at_once_on_every_worker(house):
    told = {"username": "department1", "password": PASSWORD}
    token = house.stranger.post("/api/v1/sessions", told).json["access_token"]
    phone = Phone("127.0.0.1", house.port, token)
    assert phone.get("/api/v1/me").status == 200
    assert phone.send("DELETE", "/api/v1/sessions/current").status == 204
    assert {phone.get("/api/v1/me").status for _ in range(8)} == {401}
