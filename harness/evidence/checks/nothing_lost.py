"""All accepted work ends: it is there, and has one of its final states."""

from collections.abc import Sequence

from harness.application import Work
from harness.evidence.checks.check import Check
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence


def nothing_lost(works: Sequence[Work]) -> Check:
    """The check for these kinds of work by their declared states; an application may have a stricter check of its own.

    Args:
        works: kinds of work that declare how to ask for a state.
    """

    def judge(evidence: Evidence) -> Finding:
        """Judge everything that was accepted."""
        faults, seen = [], 0
        for work in works:
            promised = sorted(evidence.accepted(work.id))
            states = evidence.states.get(work.id)
            if promised and states is None:
                return Finding.unknown(f"what became of {len(promised)} {work.name}s is missing")
            for accepted in promised:
                seen += 1
                state = (states or {}).get(accepted)
                if state is None:
                    faults.append(f"{work.name} {accepted} was accepted and is lost")
                elif state not in work.ends:
                    faults.append(f"{work.name} {accepted} is still {state}")
        if not seen and evidence.manifest is not None:
            return Finding.nothing(f"nothing was accepted in {len(evidence.calls)} calls")
        return Finding.judge(faults, seen=seen, what="acceptances")

    needed = ("journal/call", *(f"states/{work.id}" for work in works))
    return Check(judge, needed, "nothing_lost")
