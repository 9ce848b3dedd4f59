"""Flower can stop workers and shows what they do: nothing of it is there for who does not know its password."""

import httpx
import pytest

from scenarios.roadmaps import flower
from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

pytestmark = pytest.mark.e2e
OPEN = {"/healthcheck"}  # says OK and nothing else
PAGES = (
    "/",
    "/workers",
    "/worker/content",
    "/tasks",
    "/tasks/datatable",
    "/task/x",
    "/broker",
    "/metrics",
    "/healthcheck",
)
READS = (
    "/api/workers",
    "/api/tasks",
    "/api/task/types",
    "/api/queues/length",
    "/api/task/info/x",
    "/api/task/result/x",
)
ORDERS = (
    *("/api/worker/shutdown/content", "/api/worker/pool/restart/content", "/api/worker/pool/grow/content"),
    *("/api/worker/queue/cancel-consumer/content?queue=content", "/api/task/revoke/x", "/api/task/abort/x"),
    *(
        "/api/task/apply/content.generate",
        "/api/task/async-apply/content.generate",
        "/api/task/send-task/os.system",
    ),
)


@pytest.mark.stack(omit=(), start=(API, CONTENT, FLOWER))
def test_nothing_of_flower_is_there_without_its_password(system):
    """Every page, figure and order wants the password; a wrong one, or one in another form, is none; the worker goes on."""
    user, password = flower.credentials(system.stack).split(":")
    asked = [("GET", path) for path in (*PAGES, *READS)] + [("POST", path) for path in ORDERS]
    with httpx.Client(base_url=system.stack.substrate.url(FLOWER), trust_env=False, timeout=20) as browser:
        for method, path in asked:
            for wrong in (None, (user, "wrong"), ("", ""), (password, user), (user, password[:-1])):
                answer = browser.request(method, path, auth=wrong, headers={"X-Forwarded-For": "127.0.0.1"})
                assert (answer.status_code == 401) == (path not in OPEN), (
                    method,
                    path,
                    wrong,
                    answer.status_code,
                )
        assert browser.get("/", auth=(user, password)).status_code == 200
    assert system.node(CONTENT).alive
    assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"
    system.node(LOGS).start()  # it stores the events that came meanwhile
