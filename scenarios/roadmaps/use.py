"""Uses the product once, from a roadmap's request to its end; benchmarks repeat it."""

from typing import Any

from scenarios.roadmaps.client import ApiClient


def use(running: Any) -> None:
    """Make a new user, who asks for a roadmap and waits for its end.

    Args:
        running: a stack, see harness.stack.stack.
    """
    with ApiClient(running.api_url, running.journal) as client:
        client.sign_up().create_roadmap("Rust").wait_until_ended()
