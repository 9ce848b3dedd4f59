"""The page of a load run: what clients asked for, what members wrote and what the probes counted, on one clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.application.work import Work
from harness.evidence.evidence import Evidence, Row
from harness.evidence.redaction import Redactor
from harness.evidence.trace.page import Told
from harness.evidence.trace.part import write_part
from harness.load.record import Sample
from harness.stack.stack import Stack
from harness.system.collect import provider_records, scenario_lines

PAGE = "trace.html"
MOST_CALLS = 2000  # of a provider's, and of clients', that the page shows


def write_run_page(
    folder: Path, stack: Stack, tier: str, asked: Sequence[Mapping[str, Any]], samples: Sequence[Sample]
) -> Path:
    """Write the page beside the record of a run, after all measurements.

    Args:
        folder: of the run.
        stack: that it ran on.
        tier: its row.
        asked: the generator's jobs.
        samples: of the probes.

    Returns:
        Its path.
    """
    recorded = [
        *stack.scenario_journal(),
        *(r for name in stack.providers for r in provider_records(stack, name)[:MOST_CALLS]),
    ]
    logs = {name: read() for name, read in scenario_lines(stack).items()}
    evidence = evidence_of(recorded, logs, stack.app.works[0], asked, samples, stack.journal.at)
    told = Told(
        scenario=folder.name,
        promise=f"The load run {folder.name}",
        about={"run": stack.run.id, "tier": tier, "substrate": stack.spec.substrate},
    )
    ids, cleans = [work.id for work in stack.app.works], Redactor(stack.all_secrets)
    return write_part(folder / PAGE, evidence, told, {}, ids, cleans)


def evidence_of(
    recorded: Sequence[Row],
    logs: Mapping[str, list[str]],
    work: Work,
    asked: Sequence[Mapping[str, Any]],
    samples: Sequence[Sample],
    at: Callable[[float], float],
) -> Evidence:
    """What the page shows, as evidence. It has no manifest, so nothing can be judged by it; the verdict of a load run is its own.

    Args:
        recorded: by the stack's journal and its providers.
        logs: a node's name -> its lines.
        work: the kind that was asked for.
        asked: the generator's jobs: `sent`, `answered` and the rest, in seconds since 1970.
        samples: of the probes.
        at: makes the journal's time of seconds since 1970.
    """
    path = work.accepted.path if work.accepted else f"/{work.name}"
    calls = [_call(job, work.id, path, at) for job in asked if job.get("answered")][:MOST_CALLS]
    journal = [*recorded, *calls, *(record for sample in samples for record in _counted(sample, at))]
    return Evidence(journal=sorted(journal, key=lambda record: float(record["at"])), logs=dict(logs))


def _call(job: Mapping[str, Any], named: str, path: str, at: Callable[[float], float]) -> Row:
    answered = float(job["answered"])
    status = int(job.get("status") or 0)
    return {
        "kind": "call",
        "at": at(answered),
        "wall": datetime.fromtimestamp(answered, UTC).isoformat(),
        "method": "POST",
        "path": path,
        "status": status,
        "outcome": "answered" if status else "unknown",
        "milliseconds": round((answered - float(job.get("sent") or answered)) * 1000, 1),
        **({named: job["id"]} if job.get("id") else {}),
    }


def _counted(sample: Sample, at: Callable[[float], float]) -> Iterator[Row]:
    wall = datetime.fromtimestamp(sample.at, UTC).isoformat()
    yield {"kind": "depth", "at": at(sample.at), "wall": wall, "waiting": dict(sample.messages)}
    by = {name: {"held": held} for name, held in sample.connections.items()}
    yield {"kind": "connections", "at": at(sample.at), "wall": wall, "by": by}
