"""A phone pulls what its person may see, and hears of everything that changes it, in commit order."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from mobile_api.schemas.sync_changes import SCHEMAS
from service.accounts.models import Posting, User
from service.enterprises.models import Enterprise, EnterpriseAlias
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.outboxes.recalls import NewRecall, ask_again
from service.photos.models import Photo
from service.projects.assigning import end_assignment
from service.projects.commands import close_site
from service.sync.epoch import begin_epoch
from service.sync.listed import BY_NAME, FEEDS
from service.sync.models import SyncEpoch, SyncMark
from service.sync.tidying import purge, replace_older
from service.sync.turning import turn_to
from service.visits.merging import merge_enterprises
from tests.factories.issues import issue_body
from tests.factories.sites import add_assignment, add_site, add_station, checkin_body
from tests.factories.submissions import visit_body
from tests.factories.trips import trip_body
from tests.factories.visits import add_edition, add_enterprise, add_membership, add_visit
from tests.support.committed import committed_house
from tests.support.photos import announcement, picture
from tests.support.pulling import PATH, Pulled
from tests.support.world import add_person, add_programme


def today():
    """Asked each time: a run of the tests may see midnight."""
    return local_date(now())


@pytest.fixture(scope="module")
def house(quiet_postgres_url, tmp_path_factory):
    """Where commits are commits: within one transaction nothing of it is ever below the oldest that runs."""
    with committed_house(quiet_postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def write(house):
    """Runs a function in a transaction of its own."""

    def run(work, *arguments, **facts):
        with house.sessions.begin() as session:
            return work(session, *arguments, **facts)

    return run


@pytest.fixture
def newcomer(house, write):
    """Somebody new of a unit, and their phone."""

    def come(unit=None, *roles):
        unit = unit or house.world.dongchangfu
        person = write(add_person, f"p{uuid4()}", unit, *(roles or [Role.FIELD_STAFF]))
        return person, Pulled(house.phone(person))

    return come


@pytest.fixture
def me(newcomer):
    return newcomer()


def test_an_outsider_sees_nothing(client):
    assert client.get(PATH).status_code == 401
    assert client.get(PATH, headers={"Authorization": "Bearer nobody"}).status_code == 401


def test_it_tells_nothing_of_others(house, write, me):
    _person, phone = me
    stranger = write(add_person, f"s{uuid4()}", house.world.chiping, Role.FIELD_STAFF)
    enterprise = write(add_enterprise)
    theirs = write(add_visit, stranger, enterprise, today(), summary="他人所谈")
    their_site = write(add_site, house.world.chiping, "他区工地")
    phone.all()
    assert theirs.id.hex not in {key[1].replace("-", "") for key in phone.rows}
    assert str(their_site.id) not in phone.of("site")
    assert "他人所谈" not in str(phone.rows)


def test_it_tells_every_type_in_the_words_of_the_contract(house, write, me):
    person, phone = me
    enterprise = write(add_enterprise, "浪潮集团有限公司")
    write(_alias, enterprise, "浪潮")
    site = write(add_site, house.world.dongchangfu)
    write(add_station, house.world.dongchangfu, site)
    write(add_assignment, person, site)
    write(add_visit, person, enterprise, today())
    phone.client.put(f"/api/v1/checkins/{uuid4()}", json=checkin_body(site))
    phone.client.put(f"/api/v1/visits/{uuid4()}", json={"mode": "none"})
    phone.client.put(f"/api/v1/trips/{uuid4()}", json=trip_body())
    phone.client.put(f"/api/v1/issues/{uuid4()}", json=issue_body(site))
    write(_target_list, house.world.programme, enterprise)
    write(ask_again, house.world.hq1, NewRecall(person.person_id, "核对", since_on=today()))
    leader = Pulled(house.phone(house.world.leader1))
    changes = [*phone.all(), *leader.all()]
    assert {change["type"] for change in changes} == set(SCHEMAS)
    for change in changes:
        assert set(change["data"]) == set(SCHEMAS[change["type"]]().fields), change
        if change["type"] in {"enterprise", "last_visit"}:  # these are read as JSON has them
            assert SCHEMAS[change["type"]]().validate(change["data"]) == {}, change
    told = phone.of("enterprise")[str(enterprise.id)]
    assert [alias["name"] for alias in told["aliases"]] == ["浪潮"]
    assert phone.of("last_visit")[str(enterprise.id)]["visitor"]["id"] == str(person.user_id)


def _alias(session, enterprise, name):
    session.add(
        EnterpriseAlias(id=uuid4(), enterprise_id=enterprise.id, name=name, name_key=name, initials="LC")
    )


def _target_list(session, programme, enterprise):
    from service.programmes.models import TargetList, TargetListEntry

    made = TargetList(id=uuid4(), programme_id=programme.id, name=f"名单{uuid4()}", created_at=now())
    session.add(made)
    session.flush()
    session.add(TargetListEntry(list_id=made.id, enterprise_id=enterprise.id, added_at=now()))


def test_it_has_a_schema_for_every_type_and_every_type_has_a_feed():
    assert {feed.name for feed in FEEDS} | {"code_list"} == set(SCHEMAS)


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_it_tells_the_same_in_pages_of_any_size(house, me, limit):
    _person, phone = me
    phone.all()
    other = Pulled(phone.client, limit=limit)
    sizes = []
    while True:
        page = other.page()
        sizes.append(len(page["changes"]))
        if not page["has_more"]:
            break
    assert max(sizes) <= limit
    assert other.rows == phone.rows


def test_it_tells_what_changed_and_no_more(write, me):
    _person, phone = me
    phone.all()
    assert phone.all() == []
    enterprise = write(add_enterprise, "新企业")
    (change,) = phone.all()
    assert (change["type"], change["id"], change["op"]) == ("enterprise", str(enterprise.id), "upsert")
    assert phone.all() == []


def test_it_tells_a_row_that_changed_thrice_once_a_page(write, me):
    _person, phone = me
    enterprise = write(add_enterprise, "一改再改")
    phone.all()
    for name in ("甲", "乙", "丙"):
        write(_amend, enterprise, name)
    changes = [one for one in phone.all() if one["id"] == str(enterprise.id) and one["type"] == "enterprise"]
    assert [one["data"]["short_name"] for one in changes] == ["丙"]


def _amend(session, enterprise, short_name):
    session.get_one(Enterprise, enterprise.id).short_name = short_name


def test_it_tells_of_a_merged_enterprise_that_it_is_gone(write, me):
    person, phone = me
    kept, merged = write(add_enterprise, "留下"), write(add_enterprise, "并入")
    visit = write(add_visit, person, merged, today())
    phone.all()
    write(merge_enterprises, Actor.system(), kept.id, merged.id)
    phone.all()
    assert str(merged.id) not in phone.of("enterprise")
    assert str(merged.id) not in phone.of("last_visit")
    assert phone.of("last_visit")[str(kept.id)]["visited_on"] == today().isoformat()
    assert phone.of("visit")[str(visit.id)]["enterprise_name"] == "留下"


def test_it_tells_the_whole_walk_of_a_record(house, write, me):
    _person, phone = me
    enterprise, visit_id = write(add_enterprise), str(uuid4())
    phone.all()

    def told():
        phone.all()
        return phone.of("visit")[visit_id]

    sent = visit_body(enterprise_id=str(enterprise.id))
    assert phone.client.put(f"/api/v1/visits/{visit_id}", json=sent).status_code == 201
    assert told() == phone.client.get(f"/api/v1/visits/{visit_id}").get_json()
    hq = house.phone(house.world.hq1)
    for decision, reason in (("return", "请补充"), ("approve", None)):
        hq.post(
            "/api/hq/v1/reviews",
            json={
                "decisions": [
                    {"type": "visit", "id": visit_id, "rev": 1, "decision": decision, "reason": reason}
                ]
            },
        )
        if decision == "return":
            assert (told()["review_state"], told()["review_reason"]) == ("returned", "请补充")
            edited = sent | {"summary": "补充", "base_rev": 1}
            phone.client.put(f"/api/v1/visits/{visit_id}", json=edited)
            assert told()["rev"] == 2
    phone.client.post(f"/api/v1/visits/{visit_id}/withdrawal", json={"reason": "记错"})
    assert told()["review_state"] == "withdrawn"
    assert str(enterprise.id) not in phone.of("last_visit")


def test_it_tells_how_the_review_of_a_checkin_went(house, write, me):
    person, phone = me
    site, checkin_id = write(add_site, house.world.dongchangfu), str(uuid4())
    write(add_assignment, person, site)

    def told():
        phone.all()
        return phone.of("checkin")[checkin_id]

    sent = checkin_body(site)
    assert phone.client.put(f"/api/v1/checkins/{checkin_id}", json=sent).status_code == 201
    assert (told()["review_state"], told()["review_reason"]) == ("submitted", None)
    decision = {"type": "checkin", "id": checkin_id, "rev": 1, "decision": "return", "reason": "请补拍全景"}
    house.phone(house.world.hq1).post("/api/hq/v1/reviews", json={"decisions": [decision]})
    assert (told()["review_state"], told()["review_reason"]) == ("returned", "请补拍全景")
    edited = phone.client.put(
        f"/api/v1/checkins/{checkin_id}", json=sent | {"note": "已补", "base_rev": 1}
    ).get_json()
    assert told()["receipt"] == edited["receipt"]
    assert (told()["rev"], told()["review_state"], told()["review_reason"]) == (2, "submitted", None)


def test_it_tells_the_tally_when_a_photo_arrives_before_or_after_its_record(me):
    _person, phone = me
    content = picture(7)
    announced = announcement(content)
    visit_id = str(uuid4())
    phone.client.put(f"/api/v1/visits/{visit_id}", json=visit_body(photo_ids=[announced["id"]]))
    phone.all()
    assert phone.of("visit")[visit_id]["photos"] == {
        "expected": 1,
        "received": 0,
        "missing": [announced["id"]],
    }
    granted = phone.client.post("/api/v1/photos", json=announced).get_json()["upload"]
    assert phone.all() == []
    phone.client.put(granted["url"], data=content, headers=granted["headers"])
    phone.client.post(f"/api/v1/photos/{announced['id']}/complete")
    phone.all()
    assert phone.of("visit")[visit_id]["photos"] == {"expected": 1, "received": 1, "missing": []}


def test_it_finds_the_records_of_a_photo_that_came_at_the_same_moment(house, write, me):
    """Neither transaction saw the other, and the record's was told before the photo's committed."""
    person, phone = me
    photo_id = uuid4()
    write(_add_photo, person, photo_id)
    phone.all()
    with house.sessions() as arriving:
        arriving.execute(
            sa.update(Photo).where(Photo.id == photo_id).values(received_at=now(), state="received")
        )
        visit_id = str(uuid4())
        write(add_visit, person, None, today(), id=visit_id, photo_ids=[photo_id])
        write(_claim, person, photo_id, visit_id)
        phone.all()
        arriving.commit()
    phone.all()
    assert phone.of("visit")[visit_id]["photos"]["received"] == 1


def _add_photo(session, person, photo_id):
    session.add(
        Photo(
            id=photo_id,
            owner_id=person.person_id,
            unit_id=person.unit_id,
            state="expected",
            sha256="0" * 64,
            md5="0" * 32,
            size=1,
            content_type="image/jpeg",
            source="camera",
            taken_at=now(),
            object_key="k",
            expected_at=now(),
        )
    )


def _claim(session, person, photo_id, visit_id):
    from service.photos.models import PhotoClaim

    session.add(
        PhotoClaim(
            photo_id=photo_id,
            record_id=visit_id,
            record_type="visit",
            position=1,
            claimed_by=person.person_id,
            claimed_at=now(),
            stamp={},
        )
    )


def test_it_tells_of_a_visit_that_counts_no_longer_as_the_first(house, write, me, newcomer):
    person, phone = me
    other, _ = newcomer()
    enterprise = write(add_enterprise)
    write(_counted, person, enterprise, today())
    phone.all()
    (visit,) = phone.of("visit").values()
    assert [reason["code"] for reason in visit["counting"]["reasons"]] == ["counted"]
    write(_counted, other, enterprise, today() - timedelta(days=1))
    phone.all()
    (visit,) = phone.of("visit").values()
    assert [reason["code"] for reason in visit["counting"]["reasons"]] == ["counted", "repeat_visit"]


def _counted(session, person, enterprise, on):
    from service.visits.ledger import recount

    recount(session, [add_visit(session, person, enterprise, on).id])


def test_it_tells_of_a_kept_body_and_of_its_settlement(me):
    _person, phone = me
    visit_id = str(uuid4())
    phone.all()
    phone.client.put(f"/api/v1/visits/{visit_id}", json={"mode": "none"})
    phone.all()
    (kept,) = phone.of("kept").values()
    assert (kept["record_id"], kept["because"], kept["settled_at"]) == (visit_id, "quarantined", None)
    phone.client.put(f"/api/v1/visits/{visit_id}", json=visit_body())
    phone.all()
    (kept,) = phone.of("kept").values()
    assert kept["settlement"] is not None


def test_it_tells_of_assignments_that_begin_and_end_and_of_sites_that_close(house, write, newcomer):
    person, phone = newcomer(house.world.department, Role.SITE_COMMISSIONER)
    site = write(add_site, house.world.chiping)
    station = write(add_station, house.world.chiping, site)
    phone.all()
    assert phone.of("site") == phone.of("station") == {}
    assignment = write(add_assignment, person, site)
    phone.all()
    assert set(phone.of("site")) == {str(site.id)}
    assert set(phone.of("station")) == {str(station.id)}
    assert set(phone.of("assignment")) == {str(assignment.id)}
    write(end_assignment, Actor.system(), assignment.id, today())
    phone.all()
    assert phone.of("site") == phone.of("station") == phone.of("assignment") == {}
    write(add_assignment, person, site, from_on=today())
    phone.all()
    assert set(phone.of("site")) == {str(site.id)}
    write(close_site, Actor.system(), site.id)
    phone.all()
    assert phone.of("site") == phone.of("station") == {}


def test_it_exchanges_what_belongs_to_a_unit_when_the_person_moves(house, write, newcomer):
    """Nothing in these rows has changed: the person has."""
    person, phone = newcomer(house.world.dongchangfu)
    here, there = write(add_site, house.world.dongchangfu), write(add_site, house.world.linqing)
    own = write(add_visit, person, None, today())
    phone.all()
    assert str(here.id) in phone.of("site")
    write(_move, person, house.world.linqing)
    changes = phone.all()
    assert str(here.id) not in phone.of("site")
    assert str(there.id) in phone.of("site")
    assert (str(here.id), "delete") in {(one["id"], one["op"]) for one in changes}
    assert str(own.id) in phone.of("visit")
    assert {one["type"] for one in changes} <= {"site", "station", "target"}
    assert phone.all() == []
    write(_move, person, house.world.dongchangfu)
    phone.all()
    assert str(here.id) in phone.of("site")


def _move(session, person, unit):
    session.execute(sa.update(Posting).where(Posting.user_id == person.user_id).values(unit_id=unit.id))
    session.execute(sa.update(User).where(User.id == person.user_id).values(unit_id=unit.id))


def test_it_forgets_what_the_old_unit_gave_away_while_the_person_was_moving(house, write, newcomer):
    person, phone = newcomer(house.world.dongchangfu)
    site = write(add_site, house.world.dongchangfu)
    phone.all()
    write(_give, site.id, house.world.chiping)
    write(_move, person, house.world.linqing)
    phone.all()
    assert str(site.id) not in phone.of("site")


def _give(session, site_id, unit):
    from service.projects.models import Site

    session.execute(sa.update(Site).where(Site.id == site_id).values(unit_id=unit.id))


def test_it_gives_the_sites_of_all_units_below_to_whoever_becomes_an_office(house, write, newcomer):
    person, phone = newcomer(house.world.dongchangfu)
    site = write(add_site, house.world.town)
    phone.all()
    assert str(site.id) not in phone.of("site")
    write(_become, person, [Role.UNIT_OFFICE.value])
    phone.all()
    assert str(site.id) in phone.of("site")
    write(_become, person, [Role.FIELD_STAFF.value])
    phone.all()
    assert str(site.id) not in phone.of("site")


def _become(session, person, roles):
    session.execute(sa.update(User).where(User.id == person.user_id).values(roles=roles))


def test_it_starts_its_walk_again_when_the_person_moves_within_it(house, write, newcomer):
    person, phone = newcomer(house.world.dongchangfu)
    here, there = write(add_site, house.world.dongchangfu), write(add_site, house.world.linqing)
    phone.limit = 1
    while str(here.id) not in phone.of("site"):
        phone.page()
    write(_move, person, house.world.linqing)
    phone.limit = 500
    phone.all()
    assert str(here.id) not in phone.of("site")
    assert str(there.id) in phone.of("site")


def test_it_tells_an_enterprise_of_a_list_that_comes_into_force_with_the_day(write, me):
    _person, phone = me
    enterprise = write(add_enterprise)
    edition = write(add_edition, today() + timedelta(days=1), list_code=f"l{uuid4()}")
    write(add_membership, edition, enterprise_id=enterprise.id)
    phone.all()
    assert write(turn_to, today() + timedelta(days=1))
    assert not write(turn_to, today() + timedelta(days=1))
    assert str(enterprise.id) in {change["id"] for change in phone.all()}


def test_it_exchanges_programme_and_targets(house, write, newcomer):
    _person, phone = newcomer(house.world.city, Role.LEADER)
    phone.all()
    assert set(phone.of("programme")) == {str(house.world.programme.id)}
    assert len(phone.of("target")) == 6
    later = write(_programme_from, today())
    phone.all()
    assert set(phone.of("programme")) == {str(later.id)}
    assert {target["programme_id"] for target in phone.of("target").values()} == {str(later.id)}
    write(_forget_programme, later.id)
    phone.all()
    assert set(phone.of("programme")) == {str(house.world.programme.id)}


def _programme_from(session, day):
    made = add_programme(session, name="替代方案")
    made.starts_on = day
    return made


def _forget_programme(session, programme_id):
    from service.programmes.models import Programme, Target

    session.execute(sa.delete(Target).where(Target.programme_id == programme_id))
    session.execute(sa.delete(Programme).where(Programme.id == programme_id))


def test_it_says_cheaply_that_nothing_is_new(write, me):
    _person, phone = me
    phone.all()
    unchanged = {"If-None-Match": phone.tag}
    assert phone.client.get(phone.path, headers=unchanged).status_code == 304
    peeked = phone.client.request("HEAD", phone.path, headers=unchanged)
    assert (peeked.status_code, peeked.get_data()) == (304, b"")
    write(add_enterprise)
    assert phone.client.request("HEAD", phone.path, headers=unchanged).status_code == 200
    assert phone.client.get(phone.path, headers=unchanged).status_code == 200


def test_it_gives_the_same_cursor_while_nothing_is_new(me):
    _person, phone = me
    phone.all()
    before = phone.cursor
    phone.all()
    assert phone.cursor == before


def test_it_asks_as_much_of_the_database_for_a_thousand_rows_as_for_one(house, write, newcomer):
    person, _ = newcomer()
    enterprises = [write(add_enterprise) for _ in range(3)]
    [write(add_visit, person, one, today()) for one in enterprises]
    phone = Pulled(house.phone(person))
    whole = _statements(house, phone.all)
    write(add_enterprise)
    [write(add_visit, person, one, today()) for one in enterprises]
    assert whole <= 40
    assert _statements(house, phone.all) <= 18
    assert _statements(house, phone.all) == 3  # who asks, how far one may read, and whether there are marks
    assert _statements(house, lambda: phone.client.request("HEAD", phone.path)) == 3


def test_it_reads_a_hundred_records_at_a_time_so_that_others_get_their_turn(
    house, write, newcomer, monkeypatch
):
    """500 visits at once kept a whole process from answering for 100 ms."""
    person, phone = newcomer()
    enterprise = write(add_enterprise)
    for _ in range(101):
        write(add_visit, person, enterprise, today())
    feed, asked = BY_NAME["visit"], []

    def read(session, actor, ids, language):
        asked.append(len(ids))
        return feed.read(session, actor, ids, language)

    monkeypatch.setitem(BY_NAME, "visit", replace(feed, read=read))
    phone.all()
    assert len(phone.of("visit")) == 101
    assert asked == [100, 1]


def _statements(house, work):
    seen = []
    engine = house.sessions.kw["bind"]
    sa.event.listen(engine, "before_cursor_execute", lambda *heard: seen.append(heard[2]))
    work()
    return len(seen)


@pytest.mark.parametrize("cursor", ["x", "全", "W10", "e30=", "a" * 1999, "%00"])
def test_it_refuses_what_is_no_cursor(me, cursor):
    _person, phone = me
    answer = phone.client.get(f"{PATH}?cursor={cursor}")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/cursor"


def _expired(answer):
    body = answer.get_json()
    return answer.status_code == 410 and body["code"] == "cursor_expired" and body["reset"] is True


def test_it_has_another_persons_phone_start_anew(newcomer):
    (_, phone), (_, other) = newcomer(), newcomer()
    phone.all()
    assert _expired(other.client.get(phone.path))


def test_it_has_a_phone_start_anew_whose_cursor_was_changed(me):
    _person, phone = me
    phone.all()
    place = len(phone.cursor) // 2
    forged = phone.cursor[:place] + ("A" if phone.cursor[place] != "A" else "B") + phone.cursor[place + 1 :]
    assert phone.client.get(f"{PATH}?cursor={forged}").status_code in {410, 422}


def test_a_new_epoch_has_every_phone_start_anew(write, me):
    _person, phone = me
    phone.all()
    write(begin_epoch)
    assert _expired(phone.client.get(phone.path))
    assert phone.client.request("HEAD", phone.path).status_code == 410
    held, phone.cursor, phone.rows = phone.rows, None, {}
    phone.all()
    assert phone.rows == held


@pytest.mark.parametrize(
    "other",
    [
        "pg_control_system(OUT system_identifier bigint) LANGUAGE sql AS 'SELECT 7300000000000000000'",
        "pg_walfile_name(lsn pg_lsn) RETURNS text LANGUAGE sql AS $$SELECT '0000000900000000000000AB'$$",
    ],
    ids=["another cluster", "another timeline"],
)
def test_another_history_of_the_database_has_every_phone_start_anew(house, write, me, other):
    """Restored elsewhere, cloned or promoted, and nobody has told us: PostgreSQL itself says so."""
    _person, phone = me
    phone.all()
    write(_there_is, "CREATE SCHEMA elsewhere", f"CREATE FUNCTION elsewhere.{other}")
    engine = house.sessions.kw["bind"]
    try:
        with _begun_with(engine, "SET LOCAL search_path = elsewhere, pg_catalog, public"):
            assert _expired(phone.client.get(phone.path))
            assert phone.client.request("HEAD", phone.path).status_code == 410
            renewed = Pulled(phone.client)
            renewed.all()
            assert renewed.rows.keys() == phone.rows.keys()
            assert phone.client.get(renewed.path).status_code == 200
    finally:
        write(_there_is, "DROP SCHEMA elsewhere CASCADE")
    assert _expired(renewed.client.get(renewed.path))
    phone.all()


def _there_is(session, *statements):
    for statement in statements:
        session.execute(sa.text(statement))


@contextmanager
def _begun_with(engine, statement):
    """Every transaction of the engine begins with this statement."""

    def begin(connection):
        connection.exec_driver_sql(statement)

    sa.event.listen(engine, "begin", begin)
    yield
    sa.event.remove(engine, "begin", begin)


def test_a_phone_that_slept_for_90_days_hears_all_and_one_that_slept_too_long_starts_anew(house, write, me):
    _person, phone = me
    enterprise = write(add_enterprise, "睡前")
    phone.all()
    write(_amend, enterprise, "睡中")
    write(replace_older)
    write(purge, now() + timedelta(days=90))
    phone.all()
    assert phone.of("enterprise")[str(enterprise.id)]["short_name"] == "睡中"
    write(_amend, enterprise, "太久")
    write(purge, now() + timedelta(days=181))
    with house.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SyncMark)) == 0
        assert session.scalar(sa.select(sa.func.max(SyncEpoch.purged_below))) > 0
    assert _expired(phone.client.get(phone.path))
