"""Whether evidence is whole: its manifest is compared with the parts that are there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from operator import itemgetter
from typing import Self

from harness.evidence.evidence import Evidence
from harness.evidence.manifest import (
    KINDS,
    LOG,
    QUEUES,
    RECORDED,
    RECORDS,
    STARTUP,
    STATES,
    TABLE,
    Manifest,
    Part,
    State,
)

KIND = itemgetter("kind")
NO_MANIFEST = "it was kept without a manifest: whether anything is missing is unknown"


def counts(evidence: Evidence) -> dict[str, int]:
    """The size of each part, by the part's name.

    Args:
        evidence: of a scenario, live or saved.
    """
    recorded = [kind for kind in RECORDED if _knows(evidence, f"{RECORDS}/{kind}")]
    found = {f"{RECORDS}/{kind}": 0 for kind in (*KINDS, *recorded)}
    kinds = Counter(map(KIND, evidence.journal))
    found |= {f"{RECORDS}/{kind}": number for kind, number in kinds.items()}
    for part, by_name in (
        (LOG, evidence.logs),
        (STARTUP, evidence.startup),
        (TABLE, evidence.tables),
        (STATES, evidence.states),
    ):
        found |= {f"{part}/{name}": len(content) for name, content in by_name.items()}
    return found | {QUEUES: len(evidence.waiting)}


def _knows(evidence: Evidence, part: str) -> bool:
    """Whether the writer of the manifest knew of a part; in new evidence every part is known."""
    return evidence.manifest is None or part in evidence.manifest


def manifest_of(evidence: Evidence) -> dict[str, Part]:
    """The manifest of complete evidence.

    Args:
        evidence: that was read without a failure.
    """
    return {name: Part(State.READ, count) for name, count in counts(evidence).items()}


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of evidence by its manifest: read once, used by each check.

    Args:
        names: names of all parts that should be there, or are.
        faults: the incomplete parts, with the reason.
        known: whether there is a manifest; where there is none, nothing is known to be missing.
    """

    names: frozenset[str]
    faults: Mapping[str, str]
    known: bool

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """The parts of this evidence.

        Args:
            evidence: of a scenario, live or saved.
        """
        return evidence.once(cls._of)

    @classmethod
    def _of(cls, evidence: Evidence) -> Self:
        if evidence.manifest is None:
            return cls(frozenset(), {}, known=False)
        there = counts(evidence)
        names = {*evidence.manifest, *there}
        told = {name: _fault(name, evidence.manifest, there) for name in sorted(names)}
        return cls(frozenset(names), {name: fault for name, fault in told.items() if fault}, known=True)

    def lacking(self, needs: Iterable[str]) -> list[str]:
        """What is missing of the parts that somebody needs, a sentence each.

        Args:
            needs: patterns of parts, as fnmatch has them, such as `database/orders` or `logs/*`.
        """
        if not self.known:
            return []
        found: dict[str, None] = {}
        for need in needs:
            if need not in self.names and not any(fnmatchcase(name, need) for name in self.names):
                found[f"{need} is missing"] = None
            found |= {fault: None for name, fault in self.faults.items() if fnmatchcase(name, need)}
        return list(found)


def lacking(evidence: Evidence, needs: Iterable[str] = ("*",)) -> list[str]:
    """What is missing of the parts that somebody needs; see Parts.lacking.

    Args:
        evidence: of a scenario, live or saved.
        needs: patterns of parts.
    """
    return Parts.of(evidence).lacking(needs)


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
