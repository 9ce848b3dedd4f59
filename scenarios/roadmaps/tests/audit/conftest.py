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
    """A function that audits a repository by every rule for our own."""
    return lambda root: audit.audit(root, PROGRAM, (*audit.RULES, *RULES))


@pytest.fixture
def repository(tmp_path):
    """A copy of the files that an audit reads, for changes."""
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
    """A function that replaces one piece of a file's text and audits the result."""

    def spoilt(file, old, new):
        path = repository / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1))
        return judged(repository)

    return spoilt
