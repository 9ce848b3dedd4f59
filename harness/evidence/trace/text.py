"""A scenario's page as lines for a terminal, in the order in which the page has them."""

from collections.abc import Collection, Iterator, Mapping

from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.trace.moment import Moment
from harness.evidence.trace.moments import moments
from harness.evidence.trace.page import Told, last_words
from harness.evidence.trace.sentences import sentences

LONGEST_LANE = 44  # characters; a longer name moves its line


def trace_text(
    evidence: Evidence, findings: Mapping[str, Finding], told: Told, work_ids: Collection[str] = ()
) -> str:
    """The lines.

    Args:
        evidence: of the scenario, as it was kept: without a secret.
        findings: what each check says.
        told: what the evidence does not say of itself.
        work_ids: what the application calls the ids of its work.
    """
    found = moments(evidence, work_ids)
    lines = [told.scenario, *([told.promise] if told.promise else [])]
    if told.failure:
        lines += ["", "what failed", *_indented(last_words(told.failure, told.scenario).splitlines())]
    if standing_out := sentences(evidence, found, work_ids):
        lines += ["", "what stands out", *_indented(standing_out)]
    if not_good := {name: one for name, one in findings.items() if not one.outcome.good}:
        shown = [
            f"{name}: {one.outcome.value}: {'; '.join(one.facts)}" for name, one in sorted(not_good.items())
        ]
        lines += ["", "checks that do not hold", *_indented(shown)]
    width = min(max((len(moment.lane) for moment in found), default=0), LONGEST_LANE)
    lines += ["", "what happened, in seconds", *(_line(moment, width) for moment in found)]
    return "\n".join(lines)


def _indented(lines: Collection[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _line(moment: Moment, width: int) -> str:
    often = f"{moment.times} times: " if moment.times > 1 else ""
    mark = {"bad": "E", "warning": "W"}.get(moment.level, " ")
    text = " ".join(moment.text.split())
    return f"{moment.at:9.3f}{mark} {moment.lane:<{width}}  {often}{text}"
