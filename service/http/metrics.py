"""`GET /metrics` in Prometheus' text form.

What waits in the house is read from the database and the same in every worker. Requests are counted by each worker
for itself, under its own `process` label, so that every series only ever rises: sum them with `sum(rate(…))`.
"""

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from flask import Flask, Response, current_app, g, request

from service import __version__
from service.http.work import house
from service.vitals import Vitals, read_vitals

_EXTENSION = "qianbai-metrics"
_VITALS_KEEP_S = 10.0
"""So long an answer is given again: a curious stranger cannot make the database count all day."""

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


@dataclass(slots=True)
class _Meter:
    """What one process has seen."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    vitals: Vitals | None = None
    vitals_read_at: float = 0.0


def install(app: Flask) -> None:
    """Count the app's requests and serve the figures."""
    app.extensions[_EXTENSION] = _Meter()
    app.before_request(_start)
    app.after_request(_count)
    app.add_url_rule("/metrics", "metrics", metrics)


def metrics() -> Response:
    """Figures for Prometheus; they tell nothing about people or records."""
    meter = _meter()
    process = {"process": str(os.getpid())}
    lines = [
        *_family("qianbai_info", "gauge", "Version that answers", [({"version": __version__}, 1)]),
        *_vital_lines(_vitals(meter)),
        *_family("qianbai_requests_total", "counter", "Requests answered", _requests(meter, process)),
        *_family(
            "qianbai_request_seconds_total", "counter", "Time spent answering", _seconds(meter, process)
        ),
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _start() -> None:
    g.metrics_started = time.perf_counter()


def _count(response: Response) -> Response:
    meter = _meter()
    route = request.url_rule.rule if request.url_rule else "(none)"
    meter.requests[request.method, route, response.status_code] += 1
    meter.seconds[route] += time.perf_counter() - g.get("metrics_started", time.perf_counter())
    return response


def _meter() -> _Meter:
    meter: _Meter = current_app.extensions[_EXTENSION]
    return meter


def _vitals(meter: _Meter) -> Vitals:
    if meter.vitals is None or time.monotonic() - meter.vitals_read_at > _VITALS_KEEP_S:
        with house().sessions() as session:
            meter.vitals = read_vitals(session)
        meter.vitals_read_at = time.monotonic()
    return meter.vitals


def _vital_lines(vitals: Vitals) -> Iterator[str]:
    kept = [({"because": because}, count) for because, count in vitals.kept_open.items()]
    jobs = [({"status": status}, count) for status, count in vitals.jobs.items()]
    yield from _family("qianbai_kept_open", "gauge", "Kept bodies that nobody has settled", kept)
    yield from _family("qianbai_jobs", "gauge", "Background jobs", jobs)
    yield from _gauge(
        "qianbai_outbox_phones", "Phones that held unsent work when they last spoke", vitals.outbox_phones
    )
    yield from _gauge(
        "qianbai_outbox_oldest_seconds", "Age of the oldest work on a phone", vitals.outbox_oldest_seconds
    )
    yield from _gauge("qianbai_photos_missing", "Photos announced and not delivered", vitals.photos_missing)
    yield from _gauge(
        "qianbai_photos_undeveloped", "Photos waiting for the worker", vitals.photos_undeveloped
    )
    yield from _gauge(
        "qianbai_audit_unsealed_seconds",
        "Age of the oldest unsealed audit entry",
        vitals.audit_unsealed_seconds,
    )
    yield from _gauge("qianbai_audit_seals", "Seals of the audit chain", vitals.audit_seals)


def _requests(meter: _Meter, process: Labels) -> Iterator[Sample]:
    for (method, route, status), count in sorted(meter.requests.items()):
        yield {"method": method, "route": route, "status": str(status), **process}, count


def _seconds(meter: _Meter, process: Labels) -> Iterator[Sample]:
    for route, seconds in sorted(meter.seconds.items()):
        yield {"route": route, **process}, round(seconds, 6)


def _gauge(name: str, meaning: str, value: float) -> Iterator[str]:
    return _family(name, "gauge", meaning, [({}, value)])


def _family(name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{inner}}} {value}" if inner else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
