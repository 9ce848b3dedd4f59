"""The announcement before a live deployment is used: what the scenarios will make there, and what that may cost."""

import pytest
from rich.console import Console

from app.core.settings import Settings
from app.roadmaps.framework import MAX_CONCEPTS

MOST_CALLS = 2 + 3 * MAX_CONCEPTS  # intent, curriculum, and tutorial, resources, quiz of each concept
# An assumption, and called one in the message; the administrator's overview has the real use.
TOKENS_READ, TOKENS_WRITTEN = 1_000, 4_000
TOKENS_A_PRICE = 1_000_000


class Announcement:
    """A pytest plugin that prints the announcement once all scenarios are known.

    Args:
        console: to print on.
        url: of the deployment.
        commit: of the deployment.
        paid: whether its provider may be called.
    """

    def __init__(self, console: Console, url: str, commit: str, *, paid: bool) -> None:
        self._console = console
        self._where = f"{url} is of the commit {commit or 'that it does not tell'}"
        self._paid = paid

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._console.print(
            "\n".join([self._where, *cost(session.items, paid=self._paid), ""]),
            highlight=False,
            soft_wrap=True,
        )


def cost(items: list[pytest.Item], *, paid: bool) -> list[str]:
    """The sentences about what the scenarios will make and what that may cost.

    Args:
        items: the scenarios.
        paid: whether the provider may be called.
    """
    roadmaps = [count for item in items if (count := roadmaps_of(item))]
    made = "accounts, which are deleted afterwards with everything of theirs"
    if not paid:
        return [
            f"makes {made}; no roadmaps, so it costs nothing: {len(roadmaps)} scenarios wait for --allow-paid"
        ]
    fields = Settings.model_fields
    read, written = (fields[name].default for name in ("openai_prompt_price", "openai_completion_price"))
    one = (TOKENS_READ * read + TOKENS_WRITTEN * written) / TOKENS_A_PRICE
    calls = sum(roadmaps) * MOST_CALLS
    return [
        f"makes {made}, and {sum(roadmaps)} roadmaps: 2 calls to its provider and 3 for each concept, {calls} at most",
        (
            f"about US$ {one:.4f} a call if one reads {TOKENS_READ} tokens and writes {TOKENS_WRITTEN},"
            f" at US$ {read} and {written} a million: US$ {calls * one:.2f} at most, retries aside"
        ),
    ]


def roadmaps_of(item: pytest.Item) -> int:
    """The number of roadmaps that a scenario makes on a remote deployment."""
    marker = item.get_closest_marker("remote")
    return marker.kwargs.get("paid", 0) if marker else 0
