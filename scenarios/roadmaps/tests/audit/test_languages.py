"""What one language of the guide has and the other has lost is told, with the section."""

import re

import pytest

GUIDES = ("docs/deploy.md", "docs/deploy.zh.md")


def told(found):
    assert {breach.rule.name for breach in found} <= {"languages", "guide"}
    return [breach.flaw for breach in found if breach.rule.name == "languages"]


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize("number", ["2", "6.3", "9", "12"])
def test_a_section_that_is_lost(repository, judged, guide, number):
    path = repository / guide
    text = path.read_text(encoding="utf-8")
    heading = re.search(rf"^##+ (?:\S+ )?{re.escape(number)}\b\.? .*$", text, re.MULTILINE)
    level = heading[0].count("#", 0, heading[0].index(" "))
    end = re.compile(rf"^#{{2,{level}}} ", re.MULTILINE).search(text, heading.end())
    path.write_text(text[: heading.start()] + (text[end.start() :] if end else ""), encoding="utf-8")
    flaws = told(judged(repository))
    assert any(flaw.what.startswith(f"has no section {number}, which ") for flaw in flaws)
    assert {flaw.place.file for flaw in flaws} == {guide}


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize(
    ("old", "new", "section", "said"),
    [
        ("`Dockerfile.railway`", "`backend/Dockerfile.railway`", "1", "Dockerfile.railway as often as"),
        ("openssl rand -hex 32", "openssl rand -hex 16", "2.4", "openssl rand -hex 32"),
        ("railway ssh --service", "railway run --service", "9.2", "the block railway ssh --service"),
        ("512 MB", "256 MB", "7", "the number 512"),
        ("CELERY_MAX_TASKS_PER_CHILD`", "CELERY_MAX_TASKS`", "9.3", "CELERY_MAX_TASKS_PER_CHILD"),
        ("(operations", "(elsewhere", "9.5", "the link operations.md"),
        (
            "https://docs.railway.com/guides/monorepo",
            "https://docs.railway.com/monorepo",
            "12",
            "guides/monorepo",
        ),
    ],
)
def test_a_word_a_number_a_block_or_a_link_that_is_lost(spoil, guide, old, new, section, said):
    flaws = told(spoil(guide, old, new))
    own = [flaw for flaw in flaws if flaw.place.file == guide]
    assert [(flaw.place.name, said in flaw.what) for flaw in own] == [(f"section {section}", True)]


@pytest.mark.parametrize("guide", GUIDES)
def test_a_row_of_a_table_that_is_lost(repository, judged, guide):
    path = repository / guide
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    row = next(line for line in lines if line.startswith("|") and "Draining" in line)
    lines.remove(row)
    path.write_text("".join(lines), encoding="utf-8")
    assert any("the row of a table with 2 columns" in flaw.what for flaw in told(judged(repository)))


def test_what_is_only_translated_is_no_loss(spoil):
    assert spoil("docs/deploy.zh.md", "Worker 不会退出", "Worker 会继续运行") == []
