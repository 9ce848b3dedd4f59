"""The product under a nemesis: settings of seconds, clients that repeat requests with their keys, and roadmaps of two concepts."""

from collections.abc import Mapping
from typing import Any

import httpx

from harness import Nemesis
from harness.experiments.nemesis.asking import judged
from harness.experiments.nemesis.schedule import Arrival
from scenarios.material import curriculum
from scenarios.roadmaps.client import Account
from scenarios.roadmaps.expected_errors import CONNECTION_LOST, DATABASE_GONE, REDIS_GONE, STOOD_STILL
from scenarios.roadmaps.services import CONTENT

ACCOUNTS = 16  # each with its own quota of unfinished roadmaps (MAX_ROADMAPS_IN_THE_MAKING)
ROADMAPS = "/api/v1/roadmaps"
TOPICS = ("Rust", "watercolour", "Bayesian statistics", "sourdough", "Welsh", "category theory", "sailing")
PROVIDER_SECONDS = 0.2  # until the scripted provider answers, so that a roadmap takes a second
LEASE_SECONDS = 2.0
SETTINGS: Mapping[str, str] = {
    "LEASE_SECONDS": f"{LEASE_SECONDS:g}",
    "SWEEP_INTERVAL_SECONDS": "0.5",
    "DISPATCH_GRACE_SECONDS": "1",
    "WORKER_BEAT_SECONDS": "0.5",
    "QUEUE_STALL_SECONDS": "3",
    "CELERY_SOFT_SHUTDOWN_SECONDS": "1",
    "CELERY_POLLING_INTERVAL_SECONDS": "1",
    "LOGS_VISIBILITY_TIMEOUT_SECONDS": "5",
    "OPENAI_TIMEOUT_SECONDS": "5",
    "OPENAI_CIRCUIT_SECONDS": "1",
    "GENERATION_TIMEOUT_SECONDS": "30",
}
# Errors that roles log while something that they need is away, or was a moment ago.
EXPECTED_ERRORS = (
    REDIS_GONE,
    DATABASE_GONE,
    CONNECTION_LOST,
    STOOD_STILL,
    r"WorkerLostError|exited with (?!.*(SIGSEGV|SIGABRT|SIGBUS|exitcode 78))",  # killed from outside, not by its own fault or setting
    "no work comes though there is some",  # the beat's error for the consumer, if that is just closing
)


class Clients:
    """Clients of sixteen accounts; each request has its own key.

    Args:
        running: a stack, see harness.stack.stack.
    """

    def __init__(self, running: Any) -> None:
        self._anybody = running.client()
        self._accounts: list[Account] = [
            self._anybody.sign_up(f"client-{number}") for number in range(ACCOUNTS)
        ]

    def ask(self, arrival: Arrival) -> bool:
        """See harness.experiments.nemesis.asking."""
        account = self._accounts[arrival.number % ACCOUNTS]
        topic = TOPICS[arrival.number % len(TOPICS)]
        try:
            answer = account.request(
                "POST",
                ROADMAPS,
                json={"topic": topic},
                headers={"Idempotency-Key": f"arrival-{arrival.number}"},
            )
        except httpx.TransportError:
            return False
        return judged(answer)

    def close(self) -> None:
        """See harness.experiments.nemesis.asking."""
        self._anybody.close()


def prepare(system: Any) -> None:
    """Let the provider answer slowly, with small roadmaps.

    Args:
        system: harness.system.system.System.
    """
    system.openai.on(step="curriculum").reply(
        curriculum("first", "second", second=["first"]), latency=PROVIDER_SECONDS
    )
    system.openai.latency(PROVIDER_SECONDS)


NEMESIS = Nemesis(
    env=SETTINGS,
    expected_errors=EXPECTED_ERRORS,
    prepare=prepare,
    asks=Clients,
    health="/health",
    ready="/health/ready",
    cuts=(CONTENT,),
)
