"""Two Dockerfiles, and one way to build: what they share is the same, line by line."""

import re

import pytest

from scenarios.roadmaps.application import ROOT

# But for what a builder reads of one: `# syntax=`, `# escape=` and `# check=` change what the lines below mean.
COMMENT = re.compile(r"^#(?!\s*(?:syntax|escape|check)\s*=).*\n", re.MULTILINE | re.IGNORECASE)
START = re.compile(r"^ENTRYPOINT .*\n", re.MULTILINE)


def stages_of(text: str) -> list[str]:
    """Each stage's text without its comments, and before them what stands before the first."""
    return re.split(r"^(?=FROM )", COMMENT.sub("", text), flags=re.MULTILINE)


def stages(name: str) -> list[str]:
    return stages_of((ROOT / name).read_text())


def test_the_stages_that_they_share_are_equal():
    single, railway = stages("Dockerfile"), stages("Dockerfile.railway")
    assert len(single) > 2
    assert single[:-1] == railway[:-1]


def test_the_images_differ_by_what_they_start():
    (single, railway) = (stages(name)[-1] for name in ("Dockerfile", "Dockerfile.railway"))
    assert START.sub("", single) == START.sub("", railway)
    assert [START.findall(one)[0].count("single_service.sh") for one in (single, railway)] == [1, 0]


def test_the_single_service_is_adjusted_by_the_documented_variables():
    script = (ROOT / "scripts/single_service.sh").read_text()
    assert 'UVICORN_WORKERS="${UVICORN_WORKERS:-1}"' in script
    assert re.search(r'^exec "\$\{PYTHON:-python\}" -m app\.entrypoint$', script, re.MULTILINE)


@pytest.mark.parametrize(
    "line", ["# syntax=docker/dockerfile:1", "#escape=`", "# Check = skip=all", "#  SYNTAX=x"]
)
def test_what_a_builder_reads_of_a_comment_is_no_comment(line):
    text = (ROOT / "Dockerfile").read_text()
    assert stages_of(f"{line}\n{text}") != stages_of(text)
    assert stages_of(f"# a syntax\n{text}") == stages_of(text)
