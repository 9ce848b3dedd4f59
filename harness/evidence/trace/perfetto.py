"""The moments of a scenario as Chrome's Trace Event Format, which ui.perfetto.dev, chrome://tracing and Speedscope open.

https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU; times are in microseconds.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from harness.evidence.trace.moment import BAD, WARNING, Moment
from harness.evidence.trace.rows import in_rows

MICROSECONDS = 1_000_000
SHORTEST = 0.001  # microseconds: a shorter moment could not be seen
COLOURS = {BAD: "terrible", WARNING: "bad"}  # marks of the format itself


def chrome_trace(found: Sequence[Moment], began: float, scenario: str, about: Mapping[str, str]) -> str:
    """The file's text.

    Args:
        found: moments of a scenario, in seconds since it began.
        began: when that was, in seconds since the epoch.
        scenario: its name.
        about: what else is known of it.
    """
    lanes: dict[str, list[Moment]] = {}
    for moment in found:
        lanes.setdefault(moment.lane, []).append(moment)
    events: list[dict[str, Any]] = []
    places: dict[int, tuple[int, int]] = {}
    for pid, (lane, own) in enumerate(lanes.items(), 1):
        events += _named("process", pid, 0, lane)
        events.append(
            {"ph": "M", "name": "process_sort_index", "pid": pid, "tid": 0, "args": {"sort_index": pid}}
        )
        lasting = [moment for moment in own if moment.until > moment.at]
        for tid, row in enumerate(in_rows(lasting), 1):
            places |= {id(moment): (pid, tid) for moment in row}
        places |= {id(moment): (pid, 0) for moment in own if moment.until <= moment.at}
        events += [_event(moment, places[id(moment)]) for moment in own]
    events += _flows(found, places)
    return json.dumps(
        {
            "traceEvents": events,
            "displayTimeUnit": "ms",
            "otherData": {"scenario": scenario, "began": f"{began:.6f}", **about},
        },
        ensure_ascii=False,
    )


def _named(what: str, pid: int, tid: int, name: str) -> list[dict[str, Any]]:
    return [{"ph": "M", "name": f"{what}_name", "pid": pid, "tid": tid, "args": {"name": name}}]


def _event(moment: Moment, place: tuple[int, int]) -> dict[str, Any]:
    pid, tid = place
    name = moment.text.partition("\n")[0]
    event: dict[str, Any] = {
        "name": name if moment.times == 1 else f"{moment.times} times: {name}",
        "cat": moment.level or "good",
        "pid": pid,
        "tid": tid,
        "ts": round(moment.at * MICROSECONDS, 3),
        "args": {
            "text": moment.text,
            "ids": " ".join(moment.ids),
            "detail": json.dumps(moment.detail, default=str),
        },
    }
    if moment.until > moment.at:
        event |= {"ph": "X", "dur": max(round((moment.until - moment.at) * MICROSECONDS, 3), SHORTEST)}
    else:
        event |= {"ph": "i", "s": "t"}
    return event | ({"cname": COLOURS[moment.level]} if moment.level in COLOURS else {})


def _flows(found: Sequence[Moment], places: Mapping[int, tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Arrows from each lasting moment of an id to the next one in another lane: they show the path of a request."""
    ways: dict[str, list[Moment]] = {}
    for moment in found:
        if moment.until > moment.at:
            for identity in moment.ids:
                ways.setdefault(identity, []).append(moment)
    number = 0
    for identity, own in ways.items():
        for one, other in pairwise(own):
            if one.lane == other.lane:
                continue
            number += 1
            for phase, moment in (("s", one), ("f", other)):
                pid, tid = places[id(moment)]
                at = round(moment.at * MICROSECONDS, 3)
                arrow = {
                    "ph": phase,
                    "id": number,
                    "name": identity,
                    "cat": "way",
                    "pid": pid,
                    "tid": tid,
                    "ts": at,
                }
                yield arrow | ({"bp": "e"} if phase == "f" else {})
