import csv
import hashlib
import io
import json
import zipfile
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import python_calamine
import sqlalchemy as sa

from media.keys import original_key
from service.audit.models import AuditEntry
from service.exports import making
from service.exports.jobs import expire_exports
from service.exports.making import make_export
from service.exports.models import Export, ExportState
from service.exports.orders import Order, read, written
from service.jobs.workshop import Workshop
from service.kernel.clock import now
from service.photos.models import Photo, PhotoClaim, PhotoSource, PhotoState
from service.privacy.models import Door, PositionView
from service.visits.ledger import recount
from tests.factories.visits import add_enterprise, add_visit
from tests.support.committed import committed_house

FIRST = date(2026, 3, 2)
PICTURE = b"\xff\xd8\xff\xe0 a picture of two enterprises shaking hands"
DANGEROUS = "=HYPERLINK(1) 致电13812345678"


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory):
    """Nine visits of two units, one of them dangerous to a spreadsheet, two with photos."""
    with committed_house(postgres_url, tmp_path_factory.mktemp("exports")) as house:
        with house.sessions.begin() as session:
            people = (house.world.field1, house.world.field2)
            visits = [
                add_visit(
                    session,
                    people[place % 2],
                    add_enterprise(session, f"测试企业{place}有限公司"),
                    FIRST + timedelta(place),
                    summary=DANGEROUS if place == 0 else "洽谈",
                    hosts=[{"name": "张三丰", "title": "总经理", "phone": "13812345678"}],
                    latitude=36.4567 if place else None,
                    longitude=115.98 if place else None,
                )
                for place in range(9)
            ]
            recount(session, [visit.id for visit in visits])
            for visit in visits[:2]:
                add_photo(session, house, visit)
        yield house


def add_photo(session, house, visit):
    photo_id = uuid4()
    sha256 = hashlib.sha256(PICTURE).hexdigest()
    store_of(house).put(
        original_key(photo_id),
        io.BytesIO(PICTURE),
        size=len(PICTURE),
        sha256=sha256,
        content_type="image/jpeg",
    )
    session.add(
        Photo(
            id=photo_id,
            owner_id=visit.visitor_id,
            unit_id=visit.unit_id,
            state=PhotoState.READY,
            sha256=sha256,
            md5=hashlib.md5(PICTURE).hexdigest(),
            size=len(PICTURE),
            content_type="image/jpeg",
            source=PhotoSource.CAMERA,
            taken_at=now(),
            object_key=original_key(photo_id),
            expected_at=now(),
            received_at=now(),
            renditions={"stamped": {"key": original_key(photo_id), "width": 1, "height": 1, "size": 1}},
        )
    )
    session.add(
        PhotoClaim(
            photo_id=photo_id,
            record_id=visit.id,
            record_type="visit",
            position=1,
            claimed_by=visit.visitor_id,
            claimed_at=now(),
            stamp={},
        )
    )


def store_of(house):
    return house.app.extensions["qianbai"].store


def settings_of(house):
    return house.app.extensions["qianbai"].settings


def workshop_of(house):
    return Workshop(settings_of(house), house.sessions, store_of(house))


def ask(phone, form, **order):
    answer = phone.post("/api/hq/v1/exports", json={"form": form} | order)
    assert answer.status_code == 202, answer.json
    return answer.json


def made(house, phone, form, **order):
    export = ask(phone, form, **order)
    make_export(workshop_of(house), UUID(export["id"]))
    return phone.get(f"/api/hq/v1/exports/{export['id']}").json


def fetched(phone, export, name):
    file = next(one for one in export["files"] if one["name"] == name)
    answer = phone.get(file["url"])
    assert answer.status_code == 200
    assert hashlib.sha256(answer.data).hexdigest() == file["sha256"]
    return answer.data


def table(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def hq(house):
    return house.phone(house.world.hq1)


def test_it_lets_no_field_worker_take_anything_out(house):
    answer = house.phone(house.world.field1).post("/api/hq/v1/exports", json={"form": "visits_csv"})
    assert answer.status_code == 403


def test_it_shows_and_gives_nobody_elses_export(house, hq):
    export = made(house, hq, "visits_csv")
    unit = house.phone(house.world.unit1)
    assert unit.get(f"/api/hq/v1/exports/{export['id']}").status_code == 404
    assert unit.get(export["files"][0]["url"]).status_code == 404
    assert export["id"] not in [one["id"] for one in unit.get("/api/hq/v1/exports").json["items"]]


def test_it_lets_headquarters_know_of_a_units_export_but_not_fetch_it(house, hq):
    export = made(house, house.phone(house.world.unit1), "visits_csv")
    known = hq.get(f"/api/hq/v1/exports/{export['id']}").json
    assert known["asked_by"] == str(house.world.unit1.user_id)
    assert hq.get(known["files"][0]["url"]).status_code == 404


def test_it_takes_out_what_the_list_shows_and_proves_it(house, hq):
    export = made(
        house, hq, "visits_csv", filters={"unit": str(house.world.dongchangfu.id), "from": "2026-03-03"}
    )
    rows = table(fetched(hq, export, "visits.csv"))
    listed = hq.get(f"/api/hq/v1/visits?unit={house.world.dongchangfu.id}&from=2026-03-03").json["items"]
    ids = [row[-1] for row in rows[1:]]
    assert sorted(ids) == sorted(one["id"] for one in listed)
    manifest = json.loads(fetched(hq, export, "manifest.json"))
    assert manifest["rows"] == len(ids) == export["rows_done"] == export["rows_expected"] == 4
    assert manifest["ids_sha256"] == hashlib.sha256(b"".join(UUID(one).bytes for one in ids)).hexdigest()


def test_it_gives_a_unit_its_own_rows_only(house):
    export = made(house, house.phone(house.world.unit2), "visits_csv")
    rows = table(fetched(house.phone(house.world.unit2), export, "visits.csv"))
    assert {row[1] for row in rows[1:]} == {house.world.chiping.name}


def test_it_makes_formulas_harmless_and_masks_contacts(house, hq):
    export = made(house, hq, "visits_csv")
    content = fetched(hq, export, "visits.csv")
    assert content.startswith(b"\xef\xbb\xbf")
    first = table(content)[1]
    assert first[10] == "'=HYPERLINK(1) 致电138****5678"
    assert first[13] == "张** 138****5678"


def test_it_leaves_the_mark_out_when_asked(house, hq):
    assert not fetched(hq, made(house, hq, "visits_csv", bom=False), "visits.csv").startswith(b"\xef\xbb\xbf")


def test_it_shows_contacts_whole_to_headquarters_with_a_reason_and_notes_it(house, hq):
    export = made(house, hq, "visits_csv", reason="节前统一发送邀请函")
    assert "张三丰 13812345678" in fetched(hq, export, "visits.csv").decode()
    with house.sessions() as session:
        noted = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.subject_id == export["id"]).order_by(AuditEntry.id)
        ).all()
    assert [one.action for one in noted] == ["export.ask", "export.fetch"]
    assert noted[0].details["what"]["reason"] == "节前统一发送邀请函"


def test_it_shows_contacts_whole_to_nobody_else(house):
    answer = house.phone(house.world.unit1).post(
        "/api/hq/v1/exports", json={"form": "visits_csv", "reason": "想要电话"}
    )
    assert (answer.status_code, answer.json["code"]) == (403, "may_not_unmask")


def test_it_writes_the_same_rows_as_a_workbook(house, hq):
    content = fetched(hq, made(house, hq, "visits_xlsx"), "visits.xlsx")
    rows = (
        python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    assert [row[0] for row in rows[3:12]] == [float(place) for place in range(1, 10)]
    assert rows[12][2] == "9 条记录"


def test_it_writes_positions_longitude_first_and_says_the_datum(house, hq):
    found = json.loads(fetched(hq, made(house, hq, "visits_geojson"), "visits.geojson"))
    assert found["datum"] == "WGS-84"
    assert len(found["features"]) == 9
    assert found["features"][0]["geometry"] is None
    assert found["features"][1]["geometry"] == {"type": "Point", "coordinates": [115.98, 36.46]}
    assert "13812345678" not in json.dumps(found, ensure_ascii=False)


def test_exact_positions_leave_for_a_reason_and_each_person_is_told_once(house, hq):
    export = made(house, hq, "visits_geojson", reason="与规划部门核对选址")
    found = json.loads(fetched(hq, export, "visits.geojson"))
    assert found["features"][1]["geometry"]["coordinates"] == [115.98, 36.4567]
    with house.sessions() as session:
        looks = session.execute(
            sa.select(PositionView.person_id, PositionView.viewer_id).where(
                PositionView.record_id == UUID(export["id"]), PositionView.door == Door.EXPORT
            )
        ).all()
    assert len(looks) == len({person for person, _ in looks}) > 0
    assert {viewer for _, viewer in looks} == {house.world.hq1.person_id}


def test_originals_that_say_where_they_were_taken_leave_a_look(house, hq):
    with house.sessions.begin() as session:
        placed = session.scalars(sa.select(Photo).order_by(Photo.id).limit(1)).one()
        placed.facts = {"capture": {"gps": {"lat": 36.4567, "lng": 115.98}}}
    copies = made(house, hq, "visit_photos_zip")
    originals = made(house, hq, "visit_photos_zip", pictures="original", reason="现场核查取证")
    with house.sessions() as session:
        looks = sa.select(PositionView.person_id).where(PositionView.door == Door.EXPORT)
        of = PositionView.record_id
        assert session.scalars(looks.where(of == UUID(copies["id"]))).all() == []
        assert session.scalars(looks.where(of == UUID(originals["id"]))).all() == [placed.owner_id]


def test_it_packs_photos_by_unit_and_enterprise_with_their_hashes(house, hq):
    export = made(house, hq, "visit_photos_zip")
    assert [one["name"] for one in export["files"]] == ["manifest.csv", "photos-001.zip", "manifest.json"]
    archive = zipfile.ZipFile(io.BytesIO(fetched(hq, export, "photos-001.zip")))
    rows = table(fetched(hq, export, "manifest.csv"))[1:]
    assert sorted(archive.namelist()) == sorted(row[0] for row in rows)
    assert {name.split("/")[0] for name in archive.namelist()} == {"东昌府区", "茌平区"}
    for row in rows:
        assert hashlib.sha256(archive.read(row[0])).hexdigest() == row[8]


def test_it_begins_a_new_part_before_one_grows_too_large(house, hq, monkeypatch):
    monkeypatch.setattr("service.exports.photo_zip.PART_BYTES", 1)
    export = made(house, hq, "visit_photos_zip")
    assert [one["name"] for one in export["files"]][1:3] == ["photos-001.zip", "photos-002.zip"]


def test_it_names_a_photo_whose_bytes_are_gone_and_packs_the_others(house, hq):
    with house.sessions() as session:
        key = session.scalar(sa.select(Photo.object_key).order_by(Photo.id).limit(1))
    kept = store_of(house).open(key).read()
    store_of(house).delete([key])
    try:
        rows = table(fetched(hq, made(house, hq, "visit_photos_zip"), "manifest.csv"))[1:]
    finally:
        digest = hashlib.sha256(kept).hexdigest()
        store_of(house).put(key, io.BytesIO(kept), size=len(kept), sha256=digest, content_type="image/jpeg")
    assert sorted(row[9] for row in rows) == ["", "存储中缺失"]


def test_it_gives_originals_only_with_a_reason(hq):
    order = {"form": "visit_photos_zip", "pictures": "original"}
    assert hq.post("/api/hq/v1/exports", json=order).json["code"] == "may_not_unmask"
    assert hq.post("/api/hq/v1/exports", json=order | {"reason": "现场核查取证"}).status_code == 202


@pytest.mark.parametrize(
    ("asked", "status", "part"), [("bytes=10-", 206, slice(10, None)), ("bytes=-5", 206, slice(-5, None))]
)
def test_it_goes_on_where_the_line_broke(house, hq, asked, status, part):
    export = made(house, hq, "visits_csv")
    whole = fetched(hq, export, "visits.csv")
    url = next(one["url"] for one in export["files"] if one["name"] == "visits.csv")
    answer = hq.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (status, whole[part])
    assert answer.headers["Content-Range"].endswith(f"/{len(whole)}")


def test_it_sends_the_whole_file_when_it_is_no_longer_the_same(house, hq):
    export = made(house, hq, "visits_csv")
    url = next(one["url"] for one in export["files"] if one["name"] == "visits.csv")
    answer = hq.get(url, headers={"Range": "bytes=10-", "If-Range": '"another"'})
    assert answer.status_code == 200


def test_it_refuses_a_part_beyond_the_end(house, hq):
    export = made(house, hq, "visits_csv")
    assert hq.get(export["files"][0]["url"], headers={"Range": "bytes=999999999-"}).status_code == 416


def test_it_says_that_files_are_not_ready_yet(hq):
    export = ask(hq, "visits_csv")
    answer = hq.get(f"/api/hq/v1/exports/{export['id']}/files/visits.csv")
    assert (answer.status_code, answer.json["code"], answer.json["client_action"]) == (
        409,
        "export_not_ready",
        "wait",
    )


def test_it_fails_when_the_rows_are_not_those_it_counted(house, hq, monkeypatch):
    monkeypatch.setattr(making, "count_of_visits", lambda *_: 8)
    export = made(house, hq, "visits_csv")
    assert export["state"] == "failed"
    assert export["files"] == []


def test_it_writes_nothing_for_a_person_who_has_left(house, hq):
    export = ask(hq, "visits_csv")
    with house.sessions.begin() as session:
        session.execute(
            sa.text("UPDATE users SET closed_at = now() WHERE id = :id"), {"id": house.world.hq1.user_id}
        )
    try:
        make_export(workshop_of(house), UUID(export["id"]))
    finally:
        with house.sessions.begin() as session:
            session.execute(
                sa.text("UPDATE users SET closed_at = NULL WHERE id = :id"), {"id": house.world.hq1.user_id}
            )
    assert hq.get(f"/api/hq/v1/exports/{export['id']}").json["state"] == "failed"


def test_it_writes_the_same_files_when_the_job_runs_again(house, hq):
    export = made(house, hq, "visits_csv")
    with house.sessions.begin() as session:
        session.execute(
            sa.update(Export).where(Export.id == UUID(export["id"])).values(state=ExportState.RUNNING)
        )
    make_export(workshop_of(house), UUID(export["id"]))
    again = hq.get(f"/api/hq/v1/exports/{export['id']}").json
    assert [one["sha256"] for one in again["files"][:-1]] == [one["sha256"] for one in export["files"][:-1]]


def test_it_forgets_files_after_their_week_and_keeps_the_row(house, hq):
    export = made(house, hq, "visits_csv")
    with house.sessions.begin() as session:
        session.execute(
            sa.update(Export)
            .where(Export.id == UUID(export["id"]))
            .values(expires_at=now() - timedelta(days=1))
        )
    expire_exports(workshop_of(house))
    assert hq.get(f"/api/hq/v1/exports/{export['id']}").json["state"] == "expired"
    assert hq.get(export["files"][0]["url"]).json["code"] == "export_gone"


def test_it_deletes_files_when_told(house, hq):
    export = made(house, hq, "visits_csv")
    assert hq.delete(f"/api/hq/v1/exports/{export['id']}").json["state"] == "expired"


def test_it_does_not_let_one_person_fill_the_queue(house):
    admin = house.phone(house.world.admin)
    answers = [admin.post("/api/hq/v1/exports", json={"form": "visits_csv"}).status_code for _ in range(6)]
    assert answers == [202] * 5 + [429]


def test_it_refuses_a_filter_the_list_does_not_have(hq):
    answer = hq.post("/api/hq/v1/exports", json={"form": "visits_csv", "filters": {"uint": "x"}})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/filters/uint"


def test_it_keeps_an_order_as_it_was_asked(house, hq):
    filters = {
        "programme": str(house.world.programme.id),
        "line": "thousand",
        "counted": "true",
        "first": "true",
        "until": "2026-04-01",
        "unit": str(house.world.dongchangfu.id),
    }
    export = made(house, hq, "visits_csv", filters=filters)
    with house.sessions() as session:
        kept = session.get_one(Export, UUID(export["id"]))
        order = read(kept.form, kept.what)
    assert isinstance(order, Order)
    assert read(order.form, written(order)) == order
    counted = hq.get("/api/hq/v1/visits", query_string=filters).json["items"]
    assert len(table(fetched(hq, export, "visits.csv"))) - 1 == len(counted) == 5
