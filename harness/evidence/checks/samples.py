"""Whether a scenario's samples are enough: they must begin before the first call, and last until the end."""

from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence, Row
from harness.evidence.windows import down_by_hand

LEAST = 2  # one sample alone cannot be compared


def too_few(evidence: Evidence, *held: str) -> Finding | None:
    """Why the samples cannot be judged; None where they can.

    Args:
        evidence: of a scenario, live or saved.
        held: a sample's values by node; at the end every member must have one.
    """
    samples = evidence.records("sample")
    if failed := [sample["failed"] for sample in samples if "failed" in sample]:
        return Finding.unknown(f"{len(failed)} of {len(samples)} samples failed, the first: {failed[0]}")
    if len(samples) < LEAST:
        return Finding.unknown(f"{len(samples)} samples were taken, {LEAST} are needed")
    first, last = samples[0]["at"], samples[-1]["at"]
    if calls := sum(_began(call) < first for call in evidence.calls):
        return Finding.unknown(f"{calls} of {len(evidence.calls)} calls were made before the first sample")
    if calls := sum(call["at"] > last for call in evidence.calls):
        return Finding.unknown(f"{calls} of {len(evidence.calls)} calls were made after the last sample")
    known = {name for sample in samples for what in held for name in sample[what]}
    gone = known - {name for what in held for name in samples[-1][what]} - left_down(evidence)
    if gone:
        return Finding.unknown(f"{', '.join(sorted(gone))}: not in the last sample")
    return None


def left_down(evidence: Evidence) -> set[str]:
    """The members that the scenario has said to leave down, or has taken down itself.

    Args:
        evidence: of a scenario, live or saved.
    """
    said = {record["node"] for record in evidence.records("life") if record.get("left_down")}
    return said | down_by_hand(evidence)


def _began(call: Row) -> float:
    return float(call["at"]) - float(call.get("milliseconds", 0.0)) / 1000
