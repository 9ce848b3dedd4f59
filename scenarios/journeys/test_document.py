"""The API keeps to its own document, whatever is sent to it: valid, broken, and in sequences that follow from its answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.seeds import seed_of

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = 10  # of each operation and way
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.timeout(300),
    pytest.mark.stack(
        env={
            "MAX_ROADMAPS_IN_THE_MAKING": "1000",
            "LOGIN_ATTEMPTS_PER_MINUTE": "1000",
            "LOGINS_PER_HOUR": "100000",
            "REGISTRATIONS_PER_HOUR": "100000",
        }
    ),
]


TOLD = """
import json
import time
import schemathesis

@schemathesis.hook
def after_call(context, case, response):
    sent = response.request
    call = {"method": sent.method, "path": "/" + sent.url.split("/", 3)[3].split("?")[0], "status": response.status_code}
    call |= {"ended": time.time(), "milliseconds": response.elapsed * 1000, "request_id": response.headers.get("x-request-id", [""])[0]}
    if response.status_code == 202:
        call |= {"roadmap_id": response.json()["id"]}
    if key := sent.headers.get("Idempotency-Key"):
        call |= {"key": key if isinstance(key, str) else key.decode("latin-1")}
    with open("calls.ndjson", "a") as file:
        print(json.dumps(call), file=file)
"""


def tried(system, number, document):
    """Let schemathesis try a document, except operations that end its own token; returns its exit code and its report."""
    ada = system.api.sign_up()
    words = [
        *(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(CONFIG),
            "run",
            str(document),
            "--url",
            system.api_url,
        ),
        *("--header", f"Authorization: {ada.headers['Authorization']}", "--seed", str(number)),
        *("--max-examples", str(EXAMPLES), "--mode", "all", "--checks", "all", "--continue-on-failure"),
        *("--exclude-path", "/api/v1/auth/revoke", "--exclude-path", "/api/v1/auth/logout"),
        *("--exclude-operation-id", "delete_api_v1_auth_me_delete"),
        *("--request-timeout", "20", "--generation-database", "none", "--warnings", "off", "--no-color"),
    ]
    folder = document.parent
    (folder / "told.py").write_text(TOLD)
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "told", "PYTHONPATH": str(folder)}
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=240, check=False, cwd=folder, env=environment
    )
    for line in (folder / "calls.ndjson").read_text().splitlines():
        call = json.loads(line)
        at = system.journal.at(call.pop("ended"))
        system.journal.record("call", at=at, by=ada.name, outcome="answered", **call)
    return done.returncode, done.stdout + done.stderr


def test_every_operation_keeps_to_the_document(request, system, tmp_path):
    """Every operation, with valid data, with broken data, and one after the other with what the last one answered: only what is documented."""
    document = tmp_path / "openapi.json"
    document.write_text(system.api.expect(200, "GET", "/openapi.json").text)
    code, report = tried(system, seed_of(request, system), document)
    assert code == 0, report
