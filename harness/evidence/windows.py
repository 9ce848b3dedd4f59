"""Windows of faults: from a fault's injection until the system has recovered, or has had time to recover."""

from collections import defaultdict
from dataclasses import dataclass

from harness.evidence.evidence import Evidence, Row

BEGINS = {
    "pause",
    "stop",
    "kill",
    "kill_main",
    "kill_child",
}  # methods of a member by which a scenario hurts it
ENDS = {"resume", "start"}
AT_ONCE = "kill_child"  # its parent starts another one
# Seconds after the heal in which the fault's effects may still be seen; see harness.system.faults.faults.
AFTER_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Window:
    """One fault.

    Args:
        name: of it.
        target: that was hurt.
        began: seconds on the journal's clock.
        ended: likewise; what was never healed has no end.
    """

    name: str
    target: str
    began: float
    ended: float

    def touches(self, began: float, ended: float) -> bool:
        """Whether it was open at some moment of this time.

        Args:
            began: seconds on the journal's clock.
            ended: likewise.
        """
        return self.began <= ended and began <= self.ended


def windows(evidence: Evidence) -> list[Window]:
    """The windows of every injected fault, and of everything that a scenario did to a member itself.

    A fault that was only noted has no window: its time is unknown.

    Args:
        evidence: of a scenario, live or saved.
    """
    phases: defaultdict[int, dict[str, Row]] = defaultdict(dict)
    for record in evidence.faults:
        phases[record["number"]][record["phase"]] = record
    found = _by_hand(evidence)
    for seen in phases.values():
        injected = seen.get("injected")
        if injected is None or "times" in injected:
            continue
        over = [seen[phase]["at"] for phase in ("recovered", "not recovered", "left") if phase in seen]
        over += [seen["healed"]["at"] + AFTER_SECONDS] if "healed" in seen else [float("inf")]
        found.append(Window(injected["name"], injected["target"], injected["at"], max(over)))
    return found


def down_by_hand(evidence: Evidence) -> set[str]:
    """The members that a scenario has itself taken down, and not started again.

    Args:
        evidence: of a scenario, live or saved.
    """
    last = {
        record["node"]: record["verb"] for record in evidence.records("verb") if record["verb"] != AT_ONCE
    }
    return {node for node, verb in last.items() if verb in BEGINS - {"pause"}}


def _by_hand(evidence: Evidence) -> list[Window]:
    verbs = evidence.records("verb")
    found = []
    for number, record in enumerate(verbs):
        if record["verb"] not in BEGINS:
            continue
        later = [other for other in verbs[number + 1 :] if other["node"] == record["node"]]
        over = next((float(other["at"]) for other in later if other["verb"] in ENDS), float("inf"))
        ended = (float(record["at"]) if record["verb"] == AT_ONCE else over) + AFTER_SECONDS
        found.append(Window(record["verb"], record["node"], record["at"], ended))
    return found
