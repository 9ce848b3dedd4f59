"""One roadmap from its request to its end: what benchmarks repeat."""

from typing import Any

from scenarios.roadmaps.client import ApiClient


def use(running: Any) -> None:
    """Have one roadmap written by a new user.

    Args:
        running: a stack, see harness.stack.stack.
    """
    with ApiClient(running.api_url, running.journal) as client:
        client.sign_up().create_roadmap("Rust").wait_until_ended()
