import shutil

import pytest

from harness.deployment import audit
from scenarios.roadmaps.application import ROOT
from scenarios.roadmaps.audit_rules import RULES
from scenarios.roadmaps.program import PROGRAM

READ = (
    "deploy",
    "scripts",
    "docs",
    "app/api/health.py",
    "app/migrations/versions",
    "app/roles.py",
    "Dockerfile.railway",
    ".dockerignore",
    "Dockerfile",
    "docker-compose.yml",
    ".env.example",
)


@pytest.fixture
def judged():
    """Audits a repository by every rule that is for ours."""
    return lambda root: audit.audit(root, PROGRAM, (*audit.RULES, *RULES))


@pytest.fixture
def repository(tmp_path):
    """A copy of what an audit reads, to be spoilt."""
    for name in READ:
        source, copy = ROOT / name, tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        elif source.exists():
            shutil.copy(source, copy)
    return tmp_path


@pytest.fixture
def spoil(repository, judged):
    """Replace a piece of text that is in a file, once, and audit what has become of it."""

    def spoilt(file, old, new):
        path = repository / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1))
        return judged(repository)

    return spoilt
