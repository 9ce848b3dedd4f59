"""Joins the generator's notes with the service's own stamps, where these can be read."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.load.locust.profiles import STEADY, WARM_UP
from harness.load.locust.recorder import SUMMARY
from harness.load.record import Job, Replicate, Requests

Stamps = Mapping[str, Mapping[str, Any]]


def read_generated(folder: Path, notes: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read a generator's files: its summary, and everything that it asked for.

    Args:
        folder: of it.
        notes: name of the file with a line for each request for work.

    Raises:
        FileNotFoundError: there is no such file.
    """
    asked = [json.loads(line) for line in (folder / notes).read_text().splitlines()]
    return json.loads((folder / SUMMARY).read_text()), asked


def replicate(
    profile: str, summary: Mapping[str, Any], asked: Iterable[Mapping[str, Any]], stamps: Stamps
) -> Replicate:
    """One run of the generator as a record.

    Args:
        profile: of the load.
        summary: of the generator.
        asked: what it asked for.
        stamps: stamps of the service, by id; empty where they cannot be read.
    """
    jobs = tuple(_job(note, stamps.get(note["id"])) for note in asked)
    starts = [job.intended for job in jobs]
    ends = [job.completed or job.intended for job in jobs]
    own = summary["processes"].values()
    return Replicate(
        profile=profile,
        planned=sum(summary["planned"].values()),
        seconds=max(ends) - min(starts) if jobs else 0.0,
        began=min(starts, default=summary["began"]),
        jobs=jobs,
        requests=tuple(Requests(**request) for request in summary["requests"]),
        generator_cpu=max((one["cpu_seconds"] / one["seconds"] for one in own), default=0.0),
        reasons=summary["reasons"],
        readers=summary.get("readers"),
        unplayed=tuple(summary.get("unplayed", ())),
    )


def parts(whole: Replicate, planned: Mapping[str, int]) -> tuple[Replicate, ...]:
    """Divide a long steady run: its parts are long enough to be nearly independent of each other.

    Args:
        whole: a run of one rate throughout; any other run is left as it is.
        planned: arrivals by phase.
    """
    if whole.profile not in STEADY:
        return (whole,)
    names = [name for name in planned if name != WARM_UP]
    return tuple(
        _part(whole, {name, WARM_UP} if first else {name}, planned) for first, name in _first_marked(names)
    )


def _first_marked(names: list[str]) -> Iterator[tuple[bool, str]]:
    return ((number == 0, name) for number, name in enumerate(names))


def _part(whole: Replicate, phases: set[str], planned: Mapping[str, int]) -> Replicate:
    """One part. The warm-up belongs to the first part and is not judged, so that all parts together are the whole."""
    jobs = tuple(job for job in whole.jobs if job.phase in phases)
    share = len(jobs) / len(whole.jobs) if whole.jobs else 0.0
    return replace(
        whole,
        planned=sum(planned[name] for name in phases if name in planned),
        jobs=jobs,
        requests=tuple(one for one in whole.requests if one.phase in phases),
        cpu_seconds={role: seconds * share for role, seconds in whole.cpu_seconds.items()},
    )


def _job(note: Mapping[str, Any], stamps: Mapping[str, Any] | None) -> Job:
    """One job, with the service's own stamps where they are known; a client sees an end only when it looks."""
    own = stamps or {}
    answered = note["answered"] if note["id"] else None
    # The clocks of client and service differ: times between two stamps of the service are added to our own stamp.
    life = note["finished"] - note["created"] if note["finished"] and note["created"] else None
    ended = answered + life if life is not None and answered is not None else note["ended"]
    return Job(
        phase=note["phase"],
        intended=note["intended"],
        sent=note["sent"],
        accepted=own.get("created", answered),
        claimed=own.get("claimed"),  # a client sees the begin of the work only when it looks, which is later
        completed=own.get("completed", ended),
        logged=own.get("logged"),
        log_lag=own.get("lag", note["log_lag"]),
        outcome=own.get("status", note["outcome"]),
    )
