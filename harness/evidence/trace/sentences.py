"""Conclusions that a reader would otherwise have to find alone: a sentence each, the worst first."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from statistics import median

from harness.evidence.checks.no_unexpected_error import unexcused
from harness.evidence.evidence import Evidence
from harness.evidence.trace.derived import derived, given
from harness.evidence.trace.moment import BAD, CLIENT, FAULTS, SCENARIO, TASKS, Moment

LONG = 5.0  # a wait is late from so many times the usual one
NOTICED_SECONDS = 0.5
MOST = 16


def sentences(evidence: Evidence, found: Sequence[Moment], work_ids: Collection[str] = ()) -> list[str]:
    """The sentences about what stands out.

    Args:
        evidence: of a scenario.
        found: its moments.
        work_ids: what the application calls the ids of its work.
    """
    hurt = [moment for moment in found if moment.lane == FAULTS]
    expected = _excused(evidence, found)
    told = [
        *_errors([moment for moment in found if id(moment) not in expected], hurt),
        *_open(evidence, found),
        *derived(evidence, found, work_ids),
        *_again(found, hurt),
        *_late(evidence, found, work_ids),
        *_unanswered(found),
    ]
    usual = [*_expected(expected.values()), *given(evidence)]  # as the scenario wants it: told last
    last = usual[: MOST // 2]
    return [*list(dict.fromkeys(told))[: MOST - len(last)], *last]


def _name(identity: str) -> str:
    return identity[:8]


def _excused(evidence: Evidence, found: Sequence[Moment]) -> dict[int, Moment]:
    """The errors of members that the check takes as part of the scenario, by their identity."""
    if not evidence.expected_errors:
        return {}
    left = {(node, line.message) for node, line in unexcused(evidence)[0]}
    return {
        id(moment): moment
        for moment in found
        if moment.level == BAD
        and (node := moment.lane.partition(" ")[0]) in evidence.logs
        and (node, moment.text) not in left
    }


def _expected(found: Collection[Moment]) -> Iterator[str]:
    for lane in dict.fromkeys(moment.lane for moment in found):
        own = [moment for moment in found if moment.lane == lane]
        number = f"{len(own)} errors" if len(own) > 1 else "an error"
        first = own[0]
        yield f"{lane} logged {number} that the scenario expects, first at {first.at:.1f} s: {first.text.splitlines()[0]}"


def _errors(found: Sequence[Moment], hurt: Sequence[Moment]) -> Iterator[str]:
    count = Counter(
        moment.lane
        for moment in found
        if moment.level == BAD and moment.lane not in {FAULTS, TASKS, SCENARIO}
    )
    for lane, number in count.most_common():
        first = next(moment for moment in found if moment.lane == lane and moment.level == BAD)
        while_hurt = any(fault.at <= first.at <= fault.until for fault in hurt)
        when = "while something was hurt" if while_hurt else "though nothing was hurt then"
        more = f", and {number - 1} more" if number > 1 else ""
        yield f"{lane} logged an error at {first.at:.1f} s, {when}: {first.text.splitlines()[0]}{more}"


def _open(evidence: Evidence, found: Sequence[Moment]) -> Iterator[str]:
    """Accepted work without a known end."""
    last = max((moment.until for moment in found), default=0.0)
    for name, states in evidence.states.items():
        for identity, state in states.items():
            own = [moment for moment in found if identity in moment.ids]
            work = [moment for moment in own if moment.lane != CLIENT]
            if state is None:
                yield f"{name} {_name(identity)} is gone"
            elif (
                work and last - work[-1].until > NOTICED_SECONDS and state in {"queued", "running", "pending"}
            ):
                end = work[-1]
                quiet = last - end.until
                yield (
                    f"{name} {_name(identity)} is {state} at the end, and nothing moved it for the last {quiet:.1f} s:"
                    f" the last was {end.lane}, {end.text.splitlines()[0]}"
                )
            elif not work:
                yield f"{name} {_name(identity)} is {state} at the end, and no log, task or provider names it"
    if evidence.waiting and any(evidence.waiting.values()):
        left = ", ".join(f"{count} in {queue}" for queue, count in evidence.waiting.items() if count)
        yield f"messages are left: {left}"


def _again(found: Sequence[Moment], hurt: Sequence[Moment]) -> Iterator[str]:
    """Tasks of one work that came more than once."""
    tasks: dict[tuple[str, str], list[Moment]] = {}
    for moment in found:
        if moment.lane == TASKS:
            name = moment.text.partition(":")[0]
            for identity in moment.ids:
                if identity != moment.detail.get("task"):
                    tasks.setdefault((name, identity), []).append(moment)
    for (name, identity), own in tasks.items():
        if len(own) > 1:
            why = "" if hurt else ", though nothing was hurt"
            yield f"{name} came {len(own)} times for {_name(identity)}{why}"


def _late(evidence: Evidence, found: Sequence[Moment], work_ids: Collection[str]) -> Iterator[str]:
    """Work that waited for its first task event much longer than the others, or than in scenarios that passed."""
    waits = waits_of(evidence, found, work_ids)
    told: Mapping[str, float] = evidence.facts.get("usual_wait") or {}
    here = median(waits.values()) if len(waits) > 1 else None
    for (name, identity), waited in waits.items():
        usual = told.get(name, here)
        if usual is None:
            if waited > LONG:
                yield f"{name} {_name(identity)} waited {waited:.1f} s for its first task"
        elif waited > max(NOTICED_SECONDS, LONG * usual):
            yield f"{name} {_name(identity)} waited {waited:.1f} s for its first task, usually {usual:.1f} s"


def waits_of(
    evidence: Evidence, found: Sequence[Moment], work_ids: Collection[str] = ()
) -> dict[tuple[str, str], float]:
    """How long each piece of work waited for a worker, in seconds, by its kind's id and its own.

    Args:
        evidence: of a scenario.
        found: its moments.
        work_ids: what the application calls the ids of its work.
    """
    ids = {(name, identity): None for name, states in evidence.states.items() for identity in states}
    ids |= {(name, identity): None for name in work_ids for identity in sorted(evidence.accepted(name))}
    waits = {}
    for name, identity in ids:
        own = [moment for moment in found if identity in moment.ids]
        accepted = next((moment for moment in own if moment.lane == CLIENT), None)
        first = next((moment for moment in own if moment.lane == TASKS), None)
        if accepted and first:
            waits[name, identity] = max(first.at - accepted.until, 0.0)
    return waits


def _unanswered(found: Sequence[Moment]) -> Iterator[str]:
    lost = [
        moment for moment in found if moment.lane == CLIENT and moment.detail.get("outcome") != "answered"
    ]
    for moment in lost[:3]:
        yield f"a client was not answered at {moment.until:.1f} s: {moment.text}"
