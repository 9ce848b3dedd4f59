"""The rare states that a long run must have met to be a proof, recognised by lines that roles log anyway and by clients' answers."""

from collections.abc import Callable, Mapping

import httpx

from harness import Evidence

SWEPT = r"swept: "
SOME = r"[1-9]\d*"


def _told_to_come_again(evidence: Evidence) -> int:
    return sum(call.get("status") == httpx.codes.SERVICE_UNAVAILABLE for call in evidence.calls)


def _not_answered(evidence: Evidence) -> int:
    return sum((call["method"], call["outcome"]) == ("POST", "unknown") for call in evidence.calls)


RARE_STATES: Mapping[str, str | Callable[[Evidence], int]] = {
    "a fence refused a write": r"the lease was lost, nothing was written",
    "a roadmap was claimed after an attempt that counted": r"claimed, attempt ([2-9]|\d\d)",
    "a roadmap was claimed for the third time or oftener": r"claimed, .*fence ([3-9]|\d\d)",
    "an attempt was handed back, and counted": r"handed back, attempt counted",
    "an attempt was handed back, and given back": r"handed back, attempt given back",
    "a message came for what is ended or taken": r"nothing to do: ended, taken or unknown",
    "a sweeper sent a roadmap again": rf"{SWEPT}{SOME} roadmaps published again",
    "a sweeper sent an event again": rf"{SWEPT}.* {SOME} events sent again",
    "a message was left to the sweeper": rf"{SOME} messages not published",
    "an event came that was stored already": r"stored (\d+) of (?!\1 )\d+ events",
    "the circuit opened": r"the provider is down: ",
    "the circuit closed again": r"the provider answers again",
    "a sweep was lost": r"not swept",
    "a client was told to come again": _told_to_come_again,
    "a client had no answer to what it asked for": _not_answered,
}
