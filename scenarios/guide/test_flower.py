"""The optional fourth service."""

import httpx
import pytest

from app.roles import ROLES
from harness import eventually
from scenarios.roadmaps import flower
from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

WORKERS = (LOGS, CONTENT)
BOTH_ONLINE = {"logs": True, "content": True}
pytestmark = pytest.mark.e2e


@pytest.mark.stack(omit=(), start=(API, FLOWER))
def test_flower_shows_the_workers_to_those_who_know_its_password(system):
    """Flower starts with its banner, opens no page without the password, and shows a worker that starts at once."""
    user, password = flower.credentials(system.stack).split(":")
    with httpx.Client(base_url=system.stack.substrate.url(FLOWER), trust_env=False, timeout=20) as browser:
        assert browser.get("/healthcheck").status_code == 200
        assert browser.get("/").status_code == 401
        assert browser.get("/", auth=(user, "wrong")).status_code == 401
        assert browser.get("/", auth=(user, password)).status_code == 200
    assert ROLES["flower"].banner in system.node(FLOWER).log.text()

    for worker in WORKERS:
        system.node(worker).start()
    eventually(
        lambda: flower.workers(system.stack) == BOTH_ONLINE,
        timeout=20,
        what="both workers, online",
        evidence=lambda: str(flower.workers(system.stack)),
    )


@pytest.mark.stack(omit=())
def test_a_person_sees_in_a_browser_that_both_workers_are_online(browser, system):
    """Flower's page in a real browser, opened with its password: both workers are online."""
    browser.open(system.stack.substrate.url(FLOWER), flower.credentials(system.stack))

    def rows() -> dict[str, str]:
        names = browser.texts("#workers-table tbody tr td:nth-child(1)")
        return dict(zip(names, browser.texts("#workers-table tbody tr td:nth-child(2)"), strict=True))

    eventually(
        lambda: (
            {name.partition("@")[0]: status for name, status in rows().items()}
            == {"logs": "Online", "content": "Online"}
        ),
        timeout=20,
        what="both rows, online",
        evidence=lambda: str(rows()),
    )
    assert browser.texts("#workers-online") == ["2"]
    system.show("screenshot", str(browser.screenshot(system.stack.run.folder / "flower.png")))
