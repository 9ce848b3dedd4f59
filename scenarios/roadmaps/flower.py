"""Reads the workers' states from Flower's own page."""

from harness import Stack
from harness.base.http import http_client
from scenarios.roadmaps.services import FLOWER

ANSWER_SECONDS = 20.0


def credentials(stack: Stack) -> str:
    """`user:password` for its pages."""
    return stack.secrets["FLOWER_BASIC_AUTH"]


def workers(stack: Stack) -> dict[str, bool]:
    """Ask for the page's rows, as the page itself does every few seconds.

    Returns:
        Queue of a worker -> whether Flower shows it as online.

    Raises:
        httpx.HTTPError: Flower does not answer, or with an error.
    """
    user, _, password = credentials(stack).partition(":")
    with http_client(stack.substrate.url(FLOWER), ANSWER_SECONDS) as http:
        answer = http.get("/workers", params={"json": "1"}, auth=(user, password)).raise_for_status()
    return {row["hostname"].partition("@")[0]: row["status"] for row in answer.json()["data"]}
