"""The optional fourth service."""

import httpx
import pytest

from app.roles import ROLES
from harness.wait import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.stack(omit=())]


def test_flower_shows_the_workers_to_those_who_know_its_password(system):
    """Flower starts with its banner, shows both workers, and opens no page without the password."""
    flower = "roadmap-celery-flower"
    user, password = system.stack.secrets["FLOWER_BASIC_AUTH"].split(":")
    with httpx.Client(base_url=system.stack.substrate.url(flower), trust_env=False, timeout=20) as browser:
        assert browser.get("/healthcheck").status_code == 200
        assert browser.get("/").status_code == 401
        assert browser.get("/", auth=(user, "wrong")).status_code == 401
        assert browser.get("/", auth=(user, password)).status_code == 200

        def workers() -> set[str]:
            shown = browser.get("/api/workers?refresh=1", auth=(user, password)).json()
            return {name.partition("@")[0] for name in shown}

        eventually(
            lambda: workers() == {"content", "logs"},
            timeout=20,
            what="both workers",
            evidence=lambda: str(workers()),
        )
    assert ROLES["flower"].banner in system.node(flower).log.text()
