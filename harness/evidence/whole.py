"""Whether evidence is whole: what its manifest says against what is there."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from harness.evidence.evidence import Evidence
from harness.evidence.manifest import (
    KINDS,
    LOG,
    QUEUES,
    RECORDS,
    STARTUP,
    STATES,
    TABLE,
    Manifest,
    Part,
    State,
)

NO_MANIFEST = "it was kept without a manifest: whether anything is missing is unknown"


def counts(evidence: Evidence) -> dict[str, int]:
    """How much there is of each part, by the part's name.

    Args:
        evidence: of a scenario, live or saved.
    """
    found = {f"{RECORDS}/{kind}": 0 for kind in KINDS}
    for record in evidence.journal:
        found[f"{RECORDS}/{record['kind']}"] = found.get(f"{RECORDS}/{record['kind']}", 0) + 1
    for part, by_name in (
        (LOG, evidence.logs),
        (STARTUP, evidence.startup),
        (TABLE, evidence.tables),
        (STATES, evidence.states),
    ):
        found |= {f"{part}/{name}": len(content) for name, content in by_name.items()}
    return found | {QUEUES: len(evidence.waiting)}


def manifest_of(evidence: Evidence) -> dict[str, Part]:
    """The manifest of evidence that is all there.

    Args:
        evidence: that was read without a failure.
    """
    return {name: Part(State.READ, count) for name, count in counts(evidence).items()}


def lacking(evidence: Evidence, needs: Iterable[str] = ("*",)) -> list[str]:
    """What is missing of the parts that somebody needs, a sentence each; nothing where there is no manifest to go by.

    Args:
        evidence: of a scenario, live or saved.
        needs: patterns of parts, as fnmatch has them, such as `database/orders` or `logs/*`.
    """
    if evidence.manifest is None:
        return []
    there = counts(evidence)
    names = sorted({*evidence.manifest, *there})
    found: dict[str, None] = {}
    for need in needs:
        wanted = [name for name in names if fnmatchcase(name, need)]
        if not wanted:
            found[f"{need} is missing"] = None
        for name in wanted:
            if fault := _fault(name, evidence.manifest, there):
                found[fault] = None
    return list(found)


def _fault(name: str, manifest: Manifest, there: dict[str, int]) -> str:
    part = manifest.get(name)
    if part is None:
        return f"{name} is not in the manifest"
    if part.state is State.FAILED:
        return f"{name} could not be read: {part.why}"
    if part.state is State.READ and name not in there:
        return f"{name} is missing"
    if there.get(name, 0) != part.count:
        return f"{name} has {there.get(name, 0)} of {part.count}"
    return ""
