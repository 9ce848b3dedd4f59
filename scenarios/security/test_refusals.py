"""Settings with which production refuses to start: the error names the setting, and no log has its value."""

import os

import pytest

from harness import eventually
from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.stack(omit=(), shared=True)]
REDIS = "rediss://:hunter2-7c1f0a@redis.example.com:6379/0"
UNSAFE = [
    (API, "JWT_SECRET_KEY", "hunter2-7c1f0a"),
    (API, "JWT_SECRET_KEY", "your-secret-key-" + "7c1f0a5e" * 8),
    (API, "JWT_SECRET_KEY", "7c1f" * 16),
    (LOGS, "JWT_SECRET_KEY", "hunter2-7c1f0a"),
    (API, "ADMIN_PASSWORD", "hunter2"),
    (API, "ADMIN_PASSWORD", "admin-hunter2-7c1f0a"),
    (API, "REDIS_URL", f"{REDIS}?ssl_cert_reqs=none"),
    (CONTENT, "REDIS_URL", f"{REDIS}?ssl_cert_reqs=optional"),
    (LOGS, "REDIS_URL", f"{REDIS}?ssl_cert_reqs=CERT_NONE"),
    (FLOWER, "REDIS_URL", f"{REDIS}?ssl_cert_reqs=required&ssl_check_hostname=false"),
    (FLOWER, "FLOWER_BASIC_AUTH", "hunter2-7c1f0a"),
    (FLOWER, "FLOWER_BASIC_AUTH", "hunter2-7c1f0a:"),
    (FLOWER, "FLOWER_BASIC_AUTH", "ops:hunter2"),
    (API, "DEBUG", "true"),
]


@pytest.mark.in_turn
@pytest.mark.row(25)
@pytest.mark.parametrize(("service", "variable", "value"), UNSAFE)
def test_production_refuses_what_is_unsafe(system, service, variable, value):
    """A weak secret, TLS that verifies nothing, an open Flower: the new role ends at once and names the setting; the old ones go on."""
    unsafe = f"{service}-unsafe"
    system.expect_errors(f"{variable} ", unsafe)
    # Lines of earlier scenarios on the shared stack are in the log too.
    system.leave_down(unsafe, *(name for name in system.running.nodes if name.endswith("-unsafe")))
    node = system.deploy(service, name=unsafe, **{variable: value})
    eventually(lambda: not node.alive, timeout=15, what="its end", evidence=lambda: node.log.tail(5))
    assert node.returncode == os.EX_CONFIG
    since = system.stack.cursor(node.name)
    node.log.wait_for(f"^{variable} ", timeout=10, since=since)
    said = node.log.text(since)
    system.faults.note(f"unsafe {variable}", service, times=1, trace=f"refused, naming {variable}")
    assert "7c1f0a" not in said
    assert value == "true" or value not in said
    assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"
