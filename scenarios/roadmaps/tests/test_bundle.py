"""What a failed scenario of the product leaves is all there, and holds nothing that nobody may read."""

import json
import re
from pathlib import Path

import pytest

from scenarios.roadmaps.application import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.timeout(180)]


def test_the_evidence_of_a_failure_lies_in_one_folder_without_a_secret(pytester):
    pytester.makeconftest('pytest_plugins = ["harness.plugin.hooks"]')
    pytester.makepyprojecttoml(
        f"""
        [tool.pytest.ini_options]
        pythonpath = ["{ROOT}"]
        addopts = ["-p", "no:valkey", "--substrate", "embedded"]
        [tool.harness]
        stack = "scenarios.roadmaps.application:app"
        """
    )
    pytester.makepyfile(
        """
        def test_before(system):
            system.api.sign_up("eve")

        def test_fails(system):
            account = system.api.sign_up()
            account.create_roadmap("Rust").wait_until_ended()
            database_url, secrets = system.stack.servers.database_url, system.stack.secrets
            print("token", account._token, secrets)
            assert database_url == list(secrets.values())
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    (shown,) = re.findall(r"::test_fails: (/\S+)", result.stdout.str())
    folder = Path(shown)
    texts = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.*")}
    wanted = {"failure.txt", "journal.ndjson", "queues.json", "redis.ndjson", "provider.ndjson"}
    wanted |= {f"logs/{name}.log" for name in ("roadmap-api", "roadmap-celery-content", "postgres", "redis")}
    wanted |= {f"database/{name}.ndjson" for name in ("users", "roadmaps", "execution_logs", "outbox")}
    assert wanted | {"environment.json"} <= set(texts)
    assert "missing.txt" not in texts
    assert "assert database_url == list" in texts["failure.txt"]
    assert (
        "eve-" not in texts["journal.ndjson"] + texts["logs/roadmap-api.log"] + texts["database/users.ndjson"]
    )
    assert '"title": "' in texts["database/roadmaps.ndjson"]
    assert "messages" in texts["provider.ndjson"]
    environment = json.loads(texts["environment.json"])["roadmap-api"]
    assert environment["JWT_SECRET_KEY"] == "<JWT_SECRET_KEY>"
    assert environment["DATABASE_URL"].startswith("postgresql://harness:<database password>@")
    forms = [r"sk-[0-9a-f]{32}", r"eyJ[\w-]+\.", r"\$argon2id", r"ops:[0-9a-f]{24}", "harness-local-only"]
    assert [(name, form) for name, text in texts.items() for form in forms if re.search(form, text)] == []
