"""What scenarios ask a system to know whether it is well."""

import httpx

from harness.system import System

ANSWER_SECONDS = 10.0


def ready(system: System, *only: str) -> bool:
    """Whether the API says that it can do its work.

    Args:
        system: to be asked.
        only: of `database`, `redis` and `queues`; all of them by default.
    """
    return _answers(system, "/health/ready", [("check", one) for one in only])


def alive(system: System) -> bool:
    """Whether the API answers at all, within the second that its /health has."""
    return _answers(system, "/health", [], seconds=1.0)


def _answers(
    system: System, path: str, query: list[tuple[str, str]], seconds: float = ANSWER_SECONDS
) -> bool:
    try:
        answer = httpx.get(f"{system.stack.api_url}{path}", params=query, trust_env=False, timeout=seconds)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK
