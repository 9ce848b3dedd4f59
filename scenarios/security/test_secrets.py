"""Secrets and users' data are in no log of any role."""

import pytest

from scenarios.material import curriculum
from scenarios.roadmaps.services import CONTENT

pytestmark = pytest.mark.e2e
TOPIC, GOAL, WRONG, WRITTEN = (f"canary-{name}-7c1f0a" for name in ("topic", "goal", "password", "content"))


def shown(system, values):
    """The values that are in a role's log, with the role."""
    logs = {name: system.log_text(name) for name in system.stack.nodes}
    assert any(logs.values())
    return [(name, what) for name, text in logs.items() for what, value in values.items() if value in text]


@pytest.mark.parametrize(
    "level", ["info", pytest.param("debug", marks=pytest.mark.stack(env={"CELERY_LOG_LEVEL": "debug"}))]
)
def test_no_log_shows_a_secret_or_what_somebody_wrote(system, level):
    """A roadmap's whole life, with refused input and a provider that fails: no password, token, key, topic or content is in any log."""
    framework = curriculum("a")
    framework["stages"][0]["title"] = WRITTEN
    system.openai.on(step="curriculum").reply(framework)
    system.openai.on(step="quiz").fail(500, times=1)
    ada = system.api.sign_up()
    system.api.request("POST", "/api/v1/auth/login", json={"email": ada.email, "password": WRONG})
    system.api.request(
        "POST", "/api/v1/auth/register", json={"email": "x", "username": "y", "password": WRONG}
    )
    ada.request("POST", "/api/v1/roadmaps", json={"topic": TOPIC * 40})
    ada.request("GET", f"/api/v1/roadmaps?topic={TOPIC}")
    roadmap = ada.create_roadmap(TOPIC, goal=GOAL)
    assert roadmap.wait_until_ended()["status"] == "completed"
    system.stack.wait_until_idle()

    token = ada.headers["Authorization"].removeprefix("Bearer ")
    own = {
        "topic": TOPIC,
        "goal": GOAL,
        "wrong password": WRONG,
        "password": ada.password,
        "token": token,
        "content": WRITTEN,
    }
    assert shown(system, own | system.stack.secrets) == []
    assert level in {line["level"] for line in system.log_lines(CONTENT)}
