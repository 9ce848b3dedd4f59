"""A scenario's page as lines for a terminal, in the order in which the page has them."""

from collections.abc import Collection, Iterator, Mapping

from harness.evidence.checks.finding import Finding, Outcome
from harness.evidence.evidence import Evidence
from harness.evidence.trace.moment import Moment
from harness.evidence.trace.moments import moments
from harness.evidence.trace.page import Told, last_words
from harness.evidence.trace.sentences import sentences

LONGEST_LANE = 44  # characters; a longer name moves its line


def trace_text(
    evidence: Evidence,
    findings: Mapping[str, Finding],
    told: Told,
    work_ids: Collection[str] = (),
    last: float | None = None,
) -> str:
    """The lines.

    Args:
        evidence: of the scenario, as it was kept: without a secret.
        findings: what each check says.
        told: what the evidence does not say of itself.
        work_ids: what the application calls the ids of its work.
        last: seconds before the end whose moments are shown; all where it is None.
    """
    found = moments(evidence, work_ids)
    lines = [told.scenario, *([told.promise] if told.promise else [])]
    if told.failure:
        lines += ["", "what failed", *_indented(last_words(told.failure, told.scenario).splitlines())]
    if standing_out := sentences(evidence, found, work_ids):
        lines += ["", "what stands out", *_indented(standing_out)]
    for outcome, title in ((Outcome.VIOLATED, "violated"), (Outcome.UNKNOWN, "could not be judged")):
        checks = sorted(name for name, one in findings.items() if one.outcome is outcome)
        if checks:
            lines += [
                "",
                title,
                *_indented([f"{name}: {'; '.join(findings[name].facts)}" for name in checks]),
            ]
    width = min(max((len(moment.lane) for moment in found), default=0), LONGEST_LANE)
    end = max((moment.until for moment in found), default=0.0)
    shown = [moment for moment in found if last is None or moment.until >= end - last]
    earlier = f" (without {len(found) - len(shown)} earlier moments)" if len(shown) < len(found) else ""
    lines += ["", f"what happened, in seconds{earlier}", *(_line(moment, width) for moment in shown)]
    return "\n".join(lines)


def _indented(lines: Collection[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _line(moment: Moment, width: int) -> str:
    often = f"{moment.times} times: " if moment.times > 1 else ""
    mark = {"bad": "E", "warning": "W"}.get(moment.level, " ")
    text = " ".join(moment.text.split())
    return f"{moment.at:9.3f}{mark} {moment.lane:<{width}}  {often}{text}"
