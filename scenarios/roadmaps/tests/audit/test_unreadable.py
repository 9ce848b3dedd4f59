"""Whatever is in the place of a file that our rules read, they say so, and by one rule."""

import pytest

RULES = {
    "deploy/services.toml": "declaration",
    "deploy/tiers.toml": "declaration",
    "app/roles.py": "declaration",
    "app/api/health.py": "health_check",
    "Dockerfile.railway": "image",
    "Dockerfile": "image",
    ".dockerignore": "image",
    "docker-compose.yml": "compose",
    "scripts/railway_entrypoint.sh": "entrypoint",
    "scripts/single_service.sh": "entrypoint",
    "docs/deploy.md": "guide",
    "docs/deploy.zh.md": "guide",
}
DECLARES = {file for file, rule in RULES.items() if rule == "declaration"}


def judged_by(judged, repository):
    found = judged(repository)
    assert not [breach.flaw.what for breach in found if "could not be judged" in breach.flaw.what]
    return {breach.rule.name for breach in found}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# nothing\n", b"[", b"nothing of use"])
@pytest.mark.parametrize("file", RULES)
def test_a_file_with_nothing_of_use_in_it(repository, judged, file, content):
    (repository / file).write_bytes(content)
    assert judged_by(judged, repository) == {RULES[file]}


@pytest.mark.parametrize("file", RULES)
def test_a_file_that_is_no_text(repository, judged, file):
    text = (repository / file).read_bytes()
    (repository / file).write_bytes(text + b"\n# \xe9\n")
    (breach,) = judged(repository)
    assert breach.rule.name == ("declaration" if file in DECLARES else "readable")
    assert (breach.flaw.place.file, breach.flaw.place.line) == (file, text.count(b"\n") + 2)


@pytest.mark.parametrize("file", RULES)
def test_a_folder_in_a_files_place(repository, judged, file):
    (repository / file).unlink()
    (repository / file).mkdir()
    expected = {"Dockerfile.railway": "dockerfile"}.get(
        file, "declaration" if file in DECLARES else "readable"
    )
    assert judged_by(judged, repository) == {expected}
