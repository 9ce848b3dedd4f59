"""Questions with which scenarios check that a system is well."""

import httpx

from harness import System
from harness.base.http import http_get

ANSWER_SECONDS = 10.0


def ready(system: System, *only: str) -> bool:
    """Whether the API's readiness is green.

    Args:
        system: to be asked.
        only: of `database`, `redis` and `queues`; all of them by default.
    """
    return _answers(system, "/health/ready", [("check", one) for one in only])


def alive(system: System) -> bool:
    """Whether the API answers /health within its second."""
    return _answers(system, "/health", [], seconds=1.0)


def _answers(
    system: System, path: str, query: list[tuple[str, str]], seconds: float = ANSWER_SECONDS
) -> bool:
    try:
        answer = http_get(f"{system.api_url}{path}", params=query, timeout=seconds)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK


def locks(system: System, *, granted: bool, kind: str = "") -> int:
    """The number of locks in the stack's own database, without those of other stacks on the same server.

    Args:
        system: of the stack.
        granted: True for held locks, False for awaited ones.
        kind: a locktype of pg_locks; any by default.
    """
    return int(
        system.database.value(
            "SELECT count(*) FROM pg_locks WHERE granted = $1 AND (locktype = $2 OR $2 = '')"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            granted,
            kind,
        )
    )
