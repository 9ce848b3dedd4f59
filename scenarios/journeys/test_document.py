"""The API keeps to its own document, whatever is sent to it: valid, broken, and in sequences that follow from its answers."""

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
    pytest.mark.stack(env={"MAX_ROADMAPS_IN_THE_MAKING": "1000", "LOGIN_ATTEMPTS_PER_MINUTE": "1000"}),
]


def tried(system, number, document):
    """Let schemathesis try what a document promises, but for what would end its own token; how it ended, and its report."""
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
        *("--exclude-path", "/api/v1/auth/revoke", "--exclude-operation-id", "delete_api_v1_auth_me_delete"),
        *("--request-timeout", "20", "--generation-database", "none", "--warnings", "off", "--no-color"),
    ]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=240, check=False, cwd=document.parent
    )
    return done.returncode, done.stdout + done.stderr


def test_every_operation_keeps_to_the_document(request, system, tmp_path):
    """Every operation, with valid data, with broken data, and one after the other with what the last one answered: only what is documented."""
    document = tmp_path / "openapi.json"
    document.write_text(system.api.expect(200, "GET", "/openapi.json").text)
    code, report = tried(system, seed_of(request, system), document)
    assert code == 0, report
