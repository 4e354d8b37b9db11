"""Visits as GeoJSON (RFC 7946): positions are WGS-84, longitude first, and the file says so in words."""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

_HEAD = {
    "type": "FeatureCollection",
    "datum": "WGS-84",
    "note": "经纬度为 WGS-84（RFC 7946 规定），与高德、百度底图叠加前须换算 / WGS-84; convert before drawing on GCJ-02 tiles",
}


def write_geojson(file: IO[bytes], features: Iterator[Mapping[str, Any]]) -> Iterator[int]:
    """Write the features as they come and yield how many there are so far."""
    head = json.dumps(_HEAD, ensure_ascii=False)[:-1]
    file.write(f'{head}, "features": [\n'.encode())
    for count, feature in enumerate(features, start=1):
        file.write(b"" if count == 1 else b",\n")
        file.write(json.dumps(feature, ensure_ascii=False, separators=(",", ":")).encode())
        yield count
    file.write(b"\n]}\n")


def feature(
    record_id: str, position: tuple[float, float] | None, properties: Mapping[str, Any]
) -> dict[str, Any]:
    """One record; `position` is (longitude, latitude), and a record without one has a null geometry."""
    geometry = None if position is None else {"type": "Point", "coordinates": list(position)}
    return {"type": "Feature", "id": record_id, "geometry": geometry, "properties": dict(properties)}
