"""Three weeks in a county with bad signal: everything is written offline, and comes home over a line that breaks.

The phone met the server on the first day, then never again. Its app is started anew every morning, its access runs out,
its owner edits what was never sent. When it comes home three answers of ten are cut, and nobody helps: in the end the server has
everything once, headquarters' weeks are exact, and what came late counts in its own week.
"""

import os
import random
from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from service.kernel.calendar import SHANGHAI
from tests.faults.hurts import answer_cut, answer_short, hung_up_unread
from tests.faults.line import Line
from tests.support.live import PASSWORD
from tests.support.office_steps import FENCE, open_site, register
from tests.support.phone import HandClock, Kind, Phone
from tests.support.tiny_picture import tiny_picture

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("three_weeks_offline")]

DAYS = 21
VISITS = 200
CHECKINS = 40
EDITS = 30
PHOTOS = 30
ENTERPRISES = 25
CUT_SHARE = 0.3
CUTS = {answer_cut: 1, answer_short: 1, hung_up_unread: 1}
SECONDS = 600
SEED = int(os.environ.get("QIANBAI_SEED", "20261122"))


class ThreeWeeks:
    """What the person did, day by day, and what must come of it."""

    def __init__(self, house, folder, seed):
        self.dice = random.Random(seed)
        self.seed, self.folder = seed, folder
        hq = house.sign_in("hq1")
        self.enterprises = [
            register(hq, f"第{number}重点企业", well_known=True) for number in range(ENTERPRISES)
        ]
        self.site = open_site(hq, house.world.dongchangfu.id)
        self.home = datetime.now(SHANGHAI).date()
        self.clock = HandClock(self._at(0, 8))
        self.days = {}
        self.wordings = {}
        self._bodies = {}
        self.photos = set()
        self.checkins = set()

    def phone(self, base_url, **options):
        """The app, started: whatever it knew is in its folder."""
        return Phone(
            base_url,
            self.folder,
            username="commissioner1",
            password=PASSWORD,
            device_id="three-weeks",
            seed=self.seed,
            clock=self.clock,
            first_pause_s=0.05,
            **options,
        )

    def first_day(self, base_url):
        with self.phone(base_url) as phone:
            phone.sign_in()
            phone.account.meet(self.clock.now().isoformat())

    def offline(self):
        """Twenty-one days without a line; every evening the app is closed."""
        for day in range(DAYS):
            with self.phone("http://127.0.0.1:9", timeout_s=0.2) as phone:
                self._one_day(phone, day)
                phone.sync()  # the app tries, and finds nobody

    def _one_day(self, phone, day):
        self.clock.sleep(max(0, (self._at(day, 9) - self.clock.now()).total_seconds()))
        for _ in range(self._share(VISITS, day)):
            self.clock.sleep(60)
            self._visit(phone, day)
        for _ in range(self._share(CHECKINS, day)):
            self.clock.sleep(60)
            self.checkins.add(str(phone.keep_checkin(self._checkin())))
        for _ in range(self._share(EDITS, day)):
            self._edit(phone)

    def _visit(self, phone, day):
        photo_ids = []
        if len(self.photos) < PHOTOS and self.dice.random() < 0.2:
            photo_ids = [str(phone.keep_photo(tiny_picture(self.dice.randrange(200, 60_000))))]
            self.photos.update(photo_ids)
        body = {
            "enterprise_id": self.dice.choice(self.enterprises),
            "visited_at": self.clock.now().isoformat(),
            "captured_at": self.clock.now().isoformat(),
            "mode": "door_to_door",
            "summary": f"第{len(self.days)}次走访",
            "photo_ids": photo_ids,
        }
        visit_id = str(phone.keep_visit(body))
        self.days[visit_id] = (self._day(day), body["enterprise_id"])
        self.wordings[visit_id] = [body["summary"]]
        self._bodies[visit_id] = body

    def _edit(self, phone):
        visit_id = self.dice.choice(list(self.days))
        wording = f"{self.wordings[visit_id][-1]}，已补充"
        phone.edit(visit_id, self._bodies[visit_id] | {"summary": wording})
        self.wordings[visit_id].append(wording)

    def _checkin(self):
        now = self.clock.now().isoformat()
        return {
            "site_id": self.site,
            "kind": "progress",
            "at": now,
            "captured_at": now,
            "location": {**FENCE["centre"], "datum": "gcj02", "accuracy_m": 20, "source": "gps"},
        }

    def _share(self, total, day):
        return total * (day + 1) // DAYS - total * day // DAYS

    def _day(self, day):
        return self.home - timedelta(days=DAYS - day)

    def _at(self, day, hour):
        return datetime.combine(self._day(day), time(hour), SHANGHAI)


@pytest.fixture(scope="module")
def weeks(house, tmp_path_factory):
    """The three weeks are over, and the phone has come home."""
    weeks = ThreeWeeks(house, tmp_path_factory.mktemp("phone"), SEED)
    weeks.first_day(f"http://127.0.0.1:{house.port}")
    weeks.offline()
    _its_access_has_run_out(house)
    with Line(house.port, CUTS, CUT_SHARE, SEED) as line, weeks.phone(line.base_url) as phone:
        weeks.unsent = len(phone.outbox.pending)
        weeks.is_empty = phone.sync_until_empty(SECONDS)
        weeks.left = [(one.kind, one.problem) for one in phone.outbox.pending]
        weeks.items = phone.outbox.items
        weeks.acknowledged = phone.outbox.acknowledged
        weeks.problems = phone.outbox.problems
        weeks.cut, weeks.calls = line.hurt.total(), line.calls
    return weeks


def _its_access_has_run_out(house):
    engine = sa.create_engine(house.database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE sign_ins SET access_expires_at = now() - interval '20 days' WHERE device_id = 'three-weeks'"
            )
        )


def test_nothing_was_sent_in_three_weeks(weeks):
    assert weeks.unsent == VISITS + CHECKINS + EDITS + len(weeks.photos)


def test_the_line_was_as_bad_as_it_was_meant_to_be(weeks):
    assert weeks.cut >= 5
    assert weeks.cut > weeks.calls * CUT_SHARE / 3


def test_the_outbox_empties_without_a_person(weeks):
    assert weeks.left == []
    assert [one.problem for one in weeks.problems] == []
    assert weeks.is_empty


def test_everything_is_there_once(house, weeks):
    visits = house.ask("SELECT id::text, rev, summary FROM visits")
    assert {row.id: (row.rev, row.summary) for row in visits} == {
        visit_id: (len(wordings), wordings[-1]) for visit_id, wordings in weeks.wordings.items()
    }
    assert len(visits) == VISITS
    checkins = [row.id for row in house.ask("SELECT id::text FROM checkins")]
    assert sorted(checkins) == sorted(weeks.checkins)
    photos = house.ask("SELECT id::text FROM photos WHERE received_at IS NOT NULL")
    assert sorted(row.id for row in photos) == sorted(weeks.photos)


def test_every_receipt_is_what_the_server_holds(house, weeks):
    held = house.ask(
        "SELECT DISTINCT ON (record_id) record_id::text, sha256 FROM record_revisions ORDER BY record_id, rev DESC"
    )
    photos = house.ask("SELECT id::text AS record_id, sha256 FROM photos")
    assert {row.record_id: row.sha256 for row in [*held, *photos]} == weeks.acknowledged


def test_nothing_waits_for_anybody(house, hq, weeks):
    assert hq.every("/api/hq/v1/kept?open=true") == []


def test_headquarters_weeks_are_exact_and_say_what_came_late(house, hq, weeks):
    _approve_everything(hq, weeks)
    programme = house.world.programme
    days = {
        one: day for one, (day, _) in weeks.days.items() if programme.starts_on <= day <= programme.ends_on
    }
    visits = Counter(_monday(day, programme) for day in days.values())
    firsts = {}
    for visit_id, day in days.items():
        enterprise = weeks.days[visit_id][1]
        firsts[enterprise] = min(day, firsts.get(enterprise, day))
    items = [one for one in hq.get("/api/hq/v1/progress/weekly").json["items"] if one["line"] == "thousand"]
    assert {one["start_on"]: one["visits"] for one in items if one["visits"]} == visits
    assert {one["start_on"]: one["first_counted"] for one in items if one["first_counted"]} == Counter(
        _monday(day, programme) for day in firsts.values()
    )
    for one in items:
        if date.fromisoformat(one["end_on"]) <= weeks.home:
            assert one["late"] == visits[one["start_on"]], one


def test_the_time_of_capture_is_known_although_nobody_was_there(house, weeks):
    """The counter has run since the first day, so every capture has its bounds, whatever the phone's clock says."""
    clocked = [one.body["clock"] for one in weeks.items if one.kind in {Kind.VISIT, Kind.CHECKIN}]
    assert len(clocked) == VISITS + CHECKINS + EDITS
    assert max(clock["elapsed_ms"] for clock in clocked) > timedelta(days=DAYS - 2).total_seconds() * 1000


def test_the_ledgers_are_whole(house, weeks):
    assert "were right" in house.command("rebuild").stdout


def _approve_everything(hq, weeks):
    decisions = [
        {"type": "visit", "id": one, "rev": len(wordings), "decision": "approve"}
        for one, wordings in weeks.wordings.items()
    ]
    answer = hq.post("/api/hq/v1/reviews", {"decisions": decisions})
    assert {one["status"] for one in answer.json["results"]} == {"applied"}, answer.body[:2000]


def _monday(day, programme):
    """The first day of a week, or of the programme where its beginning cuts it."""
    return max(day - timedelta(days=day.weekday()), programme.starts_on).isoformat()
