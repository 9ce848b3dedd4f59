"""The states of a roadmap: who may leave each state, by which event, to which state, and by when. Only this table defines them.

The database's schema, the API's schema, and the conditions for claiming, sweeping, counting and showing a roadmap are made from it. No
other module spells a status; a test reads the program for that.

A roadmap is *open* until it has ended. While it is open, a program moves it at the latest at the time that its state names. A state
without such a time is an end, which only the owner leaves. The times are columns, and a column may have any value (from an earlier
release, a clock that was set back, a person with psql): NULL, or a time further away than any that the program writes, counts as past.
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

# The states of a step, which is one question to the provider. It ends with an answer or without; a retry removes those without.
StepStatus = Literal["running", "completed", "failed"]
PENDING: Final = "pending"  # a part without a step yet
PartStatus = Literal["pending", StepStatus]
STEP_STATUSES: tuple[StepStatus, ...] = get_args(StepStatus)
EARLIER: Final = "earlier"  # keeps the cost of the steps that a retry has removed

WORKER: Final = "the worker that holds it"
TAKER: Final = "a worker that is sent it"
SWEEPER: Final = "a sweeper"
OWNER: Final = "its owner"


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a state.

    Args:
        event: what happens.
        by: who may do it. Deletion is no exit: the owner may always delete, and nothing is left.
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
        moved_at: the columns with the times at which a program moves it at the latest; none for an end.
    """

    exits: tuple[Exit, ...] = ()
    moved_at: tuple[str, ...] = ()


_USED_UP = Exit("used up", (SWEEPER, TAKER), (FAILED,))  # its attempts are used up, and no worker works on it
_CANCEL = Exit("cancel", (OWNER,), (CANCELLED,))
_RETRY = Exit("retry", (OWNER,), (QUEUED,))

STATES: Mapping[Status, State] = {
    QUEUED: State((Exit("claim", (TAKER,), (RUNNING,)), _USED_UP, _CANCEL), moved_at=("next_dispatch_at",)),
    RUNNING: State(
        (
            Exit("complete", (WORKER,), (COMPLETED, PARTIALLY_COMPLETED)),
            Exit("fail", (WORKER,), (FAILED,)),
            Exit("hand back", (WORKER,), (QUEUED, FAILED)),  # FAILED after its last attempt
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

# The program writes no time that is further away; the settings have these limits.
LONGEST_LEASE_SECONDS = 3600
LONGEST_PAUSE_SECONDS = 600


def among(statuses: Iterable[str]) -> str:
    """The condition that a status is one of these."""
    return f"status IN ({', '.join(map(repr, statuses))})"


# Conditions on a row of roadmap_requests, by the database's clock; each is true or false, never NULL.
IS_OPEN = among(OPEN)
AT_WORK = (
    f"(status = {RUNNING!r} AND coalesce(lease_until BETWEEN clock_timestamp()"
    f" AND clock_timestamp() + interval '{LONGEST_LEASE_SECONDS} s', false))"
)
# A worker that gets its message may claim it, or ends it if its attempts are used up.
WAITING = f"({IS_OPEN} AND NOT {AT_WORK})"
IS_DUE = (  # also for an event in the outbox
    "next_dispatch_at NOT BETWEEN clock_timestamp()"
    f" AND clock_timestamp() + interval '{LONGEST_LEASE_SECONDS} s'"
)
DUE = f"({WAITING} AND {IS_DUE})"
# Since when it waits: since its lease has run out, or since it was queued if the lease tells nothing.
WAITING_SINCE = (
    f"CASE WHEN status = {RUNNING!r} AND lease_until < clock_timestamp() THEN lease_until ELSE queued_at END"
)
# The time at which a roadmap or an event is published once more if nothing happens; :grace doubles each time.
NEXT_DISPATCH = (
    "clock_timestamp() + least(:grace * power(2, greatest(0, least(dispatches, 6))),"
    f" interval '{LONGEST_PAUSE_SECONDS} s')"
)
# A row with the column's largest value must not stop the sweep of all others.
ONE_DISPATCH_MORE = f"least(dispatches, {2**31 - 2}) + 1"
