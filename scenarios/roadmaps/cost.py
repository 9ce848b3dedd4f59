"""What a live deployment is told before anything is asked of it: what will be made there, and what that may cost."""

import pytest
from rich.console import Console

from app.core.settings import Settings
from app.roadmaps.framework import MAX_CONCEPTS

MOST_CALLS = 2 + 3 * MAX_CONCEPTS  # intent, curriculum, and tutorial, resources, quiz of each concept
# An assumption, and named as one; the administrator's overview says what was really used.
TOKENS_READ, TOKENS_WRITTEN = 1_000, 4_000
TOKENS_A_PRICE = 1_000_000


class Announcement:
    """A pytest plugin that says it once all scenarios are known.

    Args:
        console: where to.
        url: of the deployment.
        commit: that it is of.
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
    """What scenarios will make, and what it may cost, a sentence each.

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
    """How many roadmaps a scenario makes on a deployment that is not ours."""
    marker = item.get_closest_marker("remote")
    return marker.kwargs.get("paid", 0) if marker else 0
