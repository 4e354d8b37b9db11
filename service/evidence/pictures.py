"""Checks of a record's photos: are they here, were they seen before, and do they fit its time and place."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from service.evidence.subject import Picture, Sighting, Subject
from service.evidence.verdicts import Check, doubt, no_data, passed
from service.evidence.words import far, span
from service.kernel.clock import now
from service.kernel.geo import InvalidPlace, Point, distance_m
from service.photos.likeness import ALIKE_BITS
from service.photos.models import PhotoSource, PhotoState
from service.submissions.location import REDUCED

ON_ITS_WAY = timedelta(hours=24)
"""Photos wait for a better line; after a day somebody should ask."""
SAME_VIEW_BITS = 2
"""At one site progress is taken from one spot: only a copy resembles the last picture so closely."""


def picture_checks(subject: Subject) -> Iterator[Check]:
    """The checks of photos, in their order."""
    if not subject.pictures:
        for check in (
            "photo_missing",
            "photo_bytes",
            "photo_alike",
            "photo_source",
            "exif_time",
            "exif_place",
        ):
            yield no_data(check, "没有照片（照片为可选）", "It has no photos, which are optional")
        return
    yield _missing(subject)
    yield _seen_bytes(subject)
    yield _seen_alike(subject)
    yield _source(subject)
    yield _exif_time(subject)
    yield _exif_place(subject)


def _missing(subject: Subject) -> Check:
    expected = len(subject.pictures)
    missing = [one for one in subject.pictures if not one.has_arrived]
    unreadable = [one for one in subject.pictures if one.state is PhotoState.REJECTED]
    if unreadable:
        return doubt(
            "photo_missing",
            f"{len(unreadable)} 个照片文件无法作为图片打开，原件已保留",
            f"{len(unreadable)} photo files cannot be opened as pictures; the originals are kept",
            value=len(unreadable),
            limit=0,
        )
    if not missing:
        return passed(
            "photo_missing", f"{expected} 张照片均已收到", f"All {expected} photos are here", value=0, limit=0
        )
    if now() - subject.received_at < ON_ITS_WAY:
        return no_data(
            "photo_missing",
            f"{expected} 张中还有 {len(missing)} 张在上传途中",
            f"{len(missing)} of {expected} photos are still on their way",
        )
    return doubt(
        "photo_missing",
        f"{expected} 张中有 {len(missing)} 张超过一天仍未收到；可能还在手机上",
        f"{len(missing)} of {expected} photos have not come for more than a day; they may still be on the phone",
        value=len(missing),
        limit=0,
    )


def _seen_bytes(subject: Subject) -> Check:
    seen = tuple(one for one in subject.sightings if one.bits is None)
    if not any(one.has_arrived for one in subject.pictures):
        return no_data("photo_bytes", "照片尚未收到", "No photo has arrived yet")
    if not seen:
        return passed(
            "photo_bytes", "照片未在其他记录中出现过", "No other record has these photos", value=0, limit=0
        )
    return doubt(
        "photo_bytes",
        f"{_count(seen)} 张照片与 {_numbers(seen, '、')} 的完全相同",
        f"{_count(seen)} photos are the very ones of {_numbers(seen, ', ')}",
        value=_count(seen),
        limit=0,
        sightings=seen,
    )


def _seen_alike(subject: Subject) -> Check:
    if not any(one.state is PhotoState.READY for one in subject.pictures):
        return no_data("photo_alike", "照片尚未处理", "No photo has been developed yet")
    seen = tuple(one for one in subject.sightings if one.bits is not None and _is_telling(one, one.bits))
    if not seen:
        return passed(
            "photo_alike",
            "未发现与以往照片相似",
            "None of them resembles an earlier photo",
            value=None,
            limit=ALIKE_BITS,
        )
    return doubt(
        "photo_alike",
        f"{_count(seen)} 张照片与 {_numbers(seen, '、')} 的相似；同一场景也可能相似，请对照查看",
        f"{_count(seen)} photos resemble those of {_numbers(seen, ', ')}; "
        "one scene may look like another, so compare them",
        value=min(one.bits for one in seen if one.bits is not None),
        limit=ALIKE_BITS,
        sightings=seen,
    )


def _is_telling(one: Sighting, bits: int) -> bool:
    return bits <= (SAME_VIEW_BITS if one.is_of_same_site else ALIKE_BITS)


def _source(subject: Subject) -> Check:
    known = [one.source for one in subject.pictures if one.source is not None]
    if not known:
        return no_data("photo_source", "照片尚未登记", "No photo has been announced yet")
    from_gallery = sum(source is PhotoSource.GALLERY for source in known)
    if not from_gallery:
        return passed("photo_source", "照片均为现场拍摄", "All were taken with the camera", value=0, limit=0)
    return doubt(
        "photo_source",
        f"{from_gallery} 张照片选自相册；拍照后再选取也属常见",
        f"{from_gallery} photos were chosen from the gallery, as people often do after taking them",
        value=from_gallery,
        limit=0,
    )


def _exif_time(subject: Subject) -> Check:
    apart = [
        gap for one in subject.pictures if (gap := _gap(subject, _capture(one).get("taken_at"))) is not None
    ]
    if not apart:
        return no_data("exif_time", "照片未携带拍摄时间", "No photo says when it was taken")
    hours, limit = round(max(apart).total_seconds() / 3600, 1), subject.limits.exif_hours
    most_zh, most_en = span(max(apart))
    return (doubt if max(apart) > timedelta(hours=limit) else passed)(
        "exif_time",
        f"照片自带的拍摄时间与记录时间最多相差 {most_zh}（允许 {limit} 小时）",
        f"By their own data the photos were taken up to {most_en} from the record's time ({limit} h allowed)",
        value=hours,
        limit=limit,
    )


def _gap(subject: Subject, taken_at: object) -> timedelta | None:
    """How far a moment lies outside the record's own time."""
    if not isinstance(taken_at, str):
        return None
    taken = datetime.fromisoformat(taken_at)
    return max(subject.at - taken, taken - (subject.ended_at or subject.at), timedelta(0))


def _exif_place(subject: Subject) -> Check:
    centre = subject.fence.centre if subject.fence is not None else subject.enterprise
    declared = subject.location.wgs84 if subject.location is not None else centre
    fixes = [point for one in subject.pictures if (point := _fix(_capture(one).get("gps"))) is not None]
    if declared is None or not fixes or subject.is_coarse:
        return no_data(
            "exif_place", "照片未携带位置，或记录没有位置", "The photos or the record have no position"
        )
    away, limit = round(max(distance_m(point, declared) for point in fixes)), subject.limits.exif_m
    away_zh, away_en = far(away)
    return (doubt if away > limit else passed)(
        "exif_place",
        f"照片自带的位置与记录位置最多相距 {away_zh}（允许 {limit} 米）",
        f"By their own data the photos were taken up to {away_en} from the record's place ({limit} m allowed)",
        value=away,
        limit=limit,
    )


def _fix(gps: object) -> Point | None:
    if not isinstance(gps, dict) or REDUCED in gps:
        return None
    try:
        return Point(float(gps["lat"]), float(gps["lng"]))
    except (InvalidPlace, KeyError, TypeError):
        return None


def _capture(picture: Picture) -> dict[str, Any]:
    return dict((picture.facts or {}).get("capture") or {})


def _count(seen: tuple[Sighting, ...]) -> int:
    return len({one.photo_id for one in seen})


def _numbers(seen: tuple[Sighting, ...], between: str) -> str:
    return between.join(dict.fromkeys(f"{one.record.number}（{one.record.unit_name}）" for one in seen))
