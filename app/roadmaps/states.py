"""The states of a roadmap: who may leave each, by which event, to which, and by when. This table is the one place they stand in.

The schema, the API's schema, the conditions under which a roadmap is claimed, swept, counted and shown are made from it. Nobody's
word for a status is written anywhere else; a test reads the program for that.

A roadmap is *open* until it has ended. While it is open, somebody other than its owner moves it, at the latest at the time that
its state names: a state without such a time is an end, which only its owner leaves. The times are columns, and every column may
hold anything at all (an earlier release, a clock that was set back, a person with psql): one that holds nothing, or a moment
further away than any that the program writes, counts as past.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Status = Literal["queued", "running", "completed", "partially_completed", "failed", "cancelled"]
QUEUED: Final = "queued"
RUNNING: Final = "running"
COMPLETED: Final = "completed"
PARTIALLY_COMPLETED: Final = "partially_completed"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
STATUSES: tuple[Status, ...] = get_args(Status)

# Of one thing that the provider is asked. It ends with its answer or without; a retry forgets those without.
StepStatus = Literal["running", "completed", "failed"]
PENDING: Final = "pending"  # of a part: there is no such step yet
PartStatus = Literal["pending", StepStatus]
STEP_STATUSES: tuple[StepStatus, ...] = get_args(StepStatus)
EARLIER: Final = "earlier"  # the step that keeps the cost of steps which a retry has removed

WORKER: Final = "the worker that holds it"
TAKER: Final = "a worker that is sent it"
SWEEPER: Final = "a sweeper"
OWNER: Final = "its owner"


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a state.

    Args:
        event: what happens.
        by: who may do it. Deleting is no exit: its owner may, always, and nothing is left.
        to: the states it may lead to.
    """

    event: str
    by: tuple[str, ...]
    to: tuple[Status, ...]


@dataclass(frozen=True, slots=True)
class State:
    """One of the states.

    Args:
        exits: the ways out of it.
        moved_at: the columns with the times after which somebody other than its owner moves it at the latest; none for an
            end.
    """

    exits: tuple[Exit, ...] = ()
    moved_at: tuple[str, ...] = ()


_USED_UP = Exit("used up", (SWEEPER, TAKER), (FAILED,))  # its attempts are, and nobody is at work on it
_CANCEL = Exit("cancel", (OWNER,), (CANCELLED,))
_RETRY = Exit("retry", (OWNER,), (QUEUED,))

STATES: Mapping[Status, State] = {
    QUEUED: State((Exit("claim", (TAKER,), (RUNNING,)), _USED_UP, _CANCEL), moved_at=("next_dispatch_at",)),
    RUNNING: State(
        (
            Exit("complete", (WORKER,), (COMPLETED, PARTIALLY_COMPLETED)),
            Exit("fail", (WORKER,), (FAILED,)),
            Exit("hand back", (WORKER,), (QUEUED, FAILED)),  # the latter with its last attempt
            Exit("claim", (TAKER,), (RUNNING,)),  # its lease is over
            _USED_UP,
            _CANCEL,
        ),
        moved_at=("lease_until", "next_dispatch_at"),
    ),
    COMPLETED: State(),
    PARTIALLY_COMPLETED: State((_RETRY,)),
    FAILED: State((_RETRY,)),
    CANCELLED: State((_RETRY,)),
}


def leading(event: str) -> tuple[Status, ...]:
    """The states that this event leads to."""
    return tuple(
        {to for state in STATES.values() for way in state.exits if way.event == event for to in way.to}
    )


def left_by(event: str) -> tuple[Status, ...]:
    """The states in which this event may happen."""
    return tuple(status for status, state in STATES.items() if any(way.event == event for way in state.exits))


OPEN = tuple(status for status, state in STATES.items() if state.moved_at)
ENDED = tuple(status for status, state in STATES.items() if not state.moved_at)
CANCELLABLE = left_by("cancel")
RETRYABLE = left_by("retry")
WITHOUT_ROADMAP = tuple(status for status in ENDED if status not in leading("complete"))

# What no time that the program writes is further away than; the settings have these as their limits.
LONGEST_LEASE_SECONDS = 3600
LONGEST_PAUSE_SECONDS = 600


def among(statuses: Iterable[str]) -> str:
    """The condition that a status is one of these."""
    return f"status IN ({', '.join(map(repr, statuses))})"


# Conditions on a row of roadmap_requests, by the database's clock; each is true or false, never unknown.
IS_OPEN = among(OPEN)
AT_WORK = (
    f"(status = {RUNNING!r} AND coalesce(lease_until BETWEEN clock_timestamp()"
    f" AND clock_timestamp() + interval '{LONGEST_LEASE_SECONDS} s', false))"
)
# whoever is sent it may claim it; with its attempts used up it ends
WAITING = f"({IS_OPEN} AND NOT {AT_WORK})"
IS_DUE = (  # of an event in the outbox, too
    "next_dispatch_at NOT BETWEEN clock_timestamp()"
    f" AND clock_timestamp() + interval '{LONGEST_LEASE_SECONDS} s'"
)
DUE = f"({WAITING} AND {IS_DUE})"
# Since when it waits; of a lease that tells nothing, since it was queued.
WAITING_SINCE = (
    f"CASE WHEN status = {RUNNING!r} AND lease_until < clock_timestamp() THEN lease_until ELSE queued_at END"
)
# When what is published again, a roadmap or an event, is published once more if nothing comes of it; :grace doubles each time.
NEXT_DISPATCH = (
    "clock_timestamp() + least(:grace * power(2, greatest(0, least(dispatches, 6))),"
    f" interval '{LONGEST_PAUSE_SECONDS} s')"
)
# One row that holds as many as its column can must not stop the sweep of all.
ONE_DISPATCH_MORE = f"least(dispatches, {2**31 - 2}) + 1"
