"""What is read from EXIF, by tables of tags and from real phones."""

import csv
import math
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from PIL.ExifTags import GPS, Base
from PIL.TiffImagePlugin import IFDRational

from media.exif import capture_facts, read_capture
from media.facts import CaptureFacts, OffsetSource
from media.probe import heif_decoder_is_safe
from tests.media.pictures import SHANGHAI_GPS, encoded, exif, phone_jpeg, scene

TIME = {Base.DateTimeOriginal: "2026:11:20 09:30:15"}
GPS_TIME = {GPS.GPSDateStamp: "2026:11:20", GPS.GPSTimeStamp: (1.0, 29.0, 40.0)}


def opened(body, tmp_path):
    file = tmp_path / "photo"
    file.write_bytes(body)
    with Image.open(file) as picture:
        return read_capture(picture)


def test_it_reads_a_phone_photo(tmp_path):
    facts = opened(phone_jpeg(orientation=6), tmp_path)
    assert facts.taken_at == datetime.fromisoformat("2026-11-20T09:30:15+08:00")
    assert facts.offset_source is OffsetSource.TAG
    assert facts.gps is not None
    assert math.isclose(facts.gps.lat, 36.455, abs_tol=1e-9)
    assert math.isclose(facts.gps.lng, 115.985, abs_tol=1e-9)
    assert (facts.make, facts.model, facts.orientation) == ("HUAWEI", "P60", 6)


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {}), ("HEIF", {"quality": 50})])
def test_it_reads_every_format(tmp_path, kind, options):
    if kind == "HEIF" and not heif_decoder_is_safe():
        pytest.skip("pillow-heif is not installed")
    body = encoded(scene(), kind, exif=exif({Base.Make: "HUAWEI"}, TIME, SHANGHAI_GPS), **options)
    facts = opened(body, tmp_path)
    assert facts.taken_at == datetime.fromisoformat("2026-11-20T09:30:15+08:00")
    assert facts.gps is not None
    assert math.isclose(facts.gps.lat, 36.455, abs_tol=1e-6)


def test_it_knows_nothing_of_a_screenshot(tmp_path):
    assert opened(encoded(scene(), "PNG"), tmp_path) == CaptureFacts()


@pytest.mark.parametrize(
    ("detail", "gps", "offset_hours", "source"),
    [
        ({Base.OffsetTimeOriginal: "+08:00"}, {}, 8, OffsetSource.TAG),
        ({Base.OffsetTime: "-05:00"}, GPS_TIME, -5, OffsetSource.TAG),
        ({Base.OffsetTimeOriginal: "+99:00"}, {}, 8, OffsetSource.ASSUMED),
        ({Base.OffsetTimeOriginal: "   "}, {}, 8, OffsetSource.ASSUMED),
        ({}, GPS_TIME, 8, OffsetSource.GPS),
        ({}, {**GPS_TIME, GPS.GPSTimeStamp: (3.0, 59.0, 30.0)}, 5.5, OffsetSource.GPS),
        ({}, {**GPS_TIME, GPS.GPSTimeStamp: (1.0, 22.0, 0.0)}, 8, OffsetSource.ASSUMED),
        # A public sample: 22 hours apart, which is no zone.
        (
            {},
            {**GPS_TIME, GPS.GPSDateStamp: "2026:11:21", GPS.GPSTimeStamp: (7.0, 30.0, 0.0)},
            8,
            OffsetSource.ASSUMED,
        ),
        # Old iPhones write local time here, and no date.
        ({}, {GPS.GPSTimeStamp: (9.0, 30.0, 12.0)}, 8, OffsetSource.ASSUMED),
    ],
)
def test_it_finds_the_zone_of_the_capture_time(detail, gps, offset_hours, source):
    facts = capture_facts({}, {**TIME, **detail}, gps)
    assert facts.taken_at is not None
    assert facts.taken_at.utcoffset() == timedelta(hours=offset_hours)
    assert facts.taken_at.replace(tzinfo=None) == datetime(2026, 11, 20, 9, 30, 15)
    assert facts.offset_source is source


@pytest.mark.parametrize(
    "written",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2026:02:30 10:00:00",
        "2026:11:20 09:30:60",
        "",
        "x",
        7,
        None,
        b"\xff",
    ],
)
def test_it_knows_no_time_from_nonsense(written):
    facts = capture_facts({}, {Base.DateTimeOriginal: written}, {})
    assert (facts.taken_at, facts.offset_source) == (None, None)


def test_it_takes_the_digitized_time_when_the_original_is_missing():
    facts = capture_facts({}, {Base.DateTimeDigitized: "2026:11:20 09:30:15\0"}, {})
    assert facts.taken_at == datetime.fromisoformat("2026-11-20T09:30:15+08:00")


def test_it_reads_the_satellites_time_as_utc():
    facts = capture_facts({}, {}, GPS_TIME)
    assert facts.gps_at == datetime(2026, 11, 20, 1, 29, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "lat", "lng", "assumed"),
    [
        ({}, 36.455, 115.985, False),
        ({GPS.GPSLatitudeRef: "S", GPS.GPSLongitudeRef: "W"}, -36.455, -115.985, False),
        ({GPS.GPSLatitudeRef: b"N\0"}, 36.455, 115.985, False),
        ({GPS.GPSLatitudeRef: None}, 36.455, 115.985, True),
        ({GPS.GPSLatitude: (36.0, 27.3, 0.0)}, 36.455, 115.985, False),
        ({GPS.GPSLatitude: (36.455,)}, 36.455, 115.985, False),
    ],
)
def test_it_reads_a_place_as_phones_write_it(changes, lat, lng, assumed):
    fix = capture_facts({}, {}, {**SHANGHAI_GPS, **changes}).gps
    assert fix is not None
    assert math.isclose(fix.lat, lat, abs_tol=1e-9)
    assert math.isclose(fix.lng, lng, abs_tol=1e-9)
    assert fix.refs_assumed is assumed


@pytest.mark.parametrize(
    "latitude",
    [
        (IFDRational(0, 0),) * 3,
        (36.0, 27.0, IFDRational(5, 0)),
        (91.0, 0.0, 0.0),
        (),
        (1.0,) * 4,
        None,
        b"\1",
        (0, "x"),
    ],
)
def test_it_knows_no_place_from_nonsense(latitude):
    assert capture_facts({}, {}, {**SHANGHAI_GPS, GPS.GPSLatitude: latitude}).gps is None


def test_it_knows_no_place_from_a_phone_that_kept_only_the_time():
    assert capture_facts({}, {}, GPS_TIME).gps is None


def test_it_takes_zero_zero_for_no_fix():
    zero = (0.0, 0.0, 0.0)
    assert capture_facts({}, {}, {GPS.GPSLatitude: zero, GPS.GPSLongitude: zero}).gps is None


@pytest.mark.parametrize(
    ("tags", "metres"),
    [
        ({GPS.GPSAltitude: 42.5}, 42.5),
        ({GPS.GPSAltitude: 42.5, GPS.GPSAltitudeRef: b"\x01"}, -42.5),
        ({GPS.GPSAltitude: IFDRational(1, 0)}, None),
        ({GPS.GPSAltitude: 1e9}, None),
        ({}, None),
    ],
)
def test_it_reads_the_altitude(tags, metres):
    fix = capture_facts({}, {}, {**SHANGHAI_GPS, **tags}).gps
    assert fix is not None
    assert fix.altitude_m == metres


def test_it_cuts_a_maker_to_one_printable_line():
    facts = capture_facts({Base.Make: "HUA\nWEI\x07" + "x" * 100, Base.Model: "  \0junk"}, {}, {})
    assert facts.make == ("HUAWEI" + "x" * 100)[:64]
    assert facts.model is None


def test_it_agrees_with_exiftool_on_real_photos(real_photos):
    heif_decoder_is_safe()
    with (real_photos / "truth.csv").open() as table:
        for row in csv.DictReader(table):
            if row["FileType"] != "JPEG" and not heif_decoder_is_safe():
                continue
            with Image.open(real_photos / row["SourceFile"]) as picture:
                size, facts = picture.size, read_capture(picture)
            assert size == (int(row["ImageWidth"]), int(row["ImageHeight"]))
            assert (facts.make, facts.model) == (row["Make"], row["Model"])
            assert facts.orientation == int(row["Orientation"])
            assert facts.taken_at is not None
            assert f"{facts.taken_at:%Y:%m:%d %H:%M:%S}" == row["DateTimeOriginal"]
            assert (facts.gps is not None) == bool(row["GPSLatitude"])
            if facts.gps is not None:
                assert math.isclose(facts.gps.lat, float(row["GPSLatitude"]), abs_tol=1e-6)
                assert math.isclose(facts.gps.lng, float(row["GPSLongitude"]), abs_tol=1e-6)
                assert (facts.gps.altitude_m is not None) == bool(row["GPSAltitude"])
