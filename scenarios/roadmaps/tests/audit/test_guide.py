"""The guide is held up to the declaration, in both languages."""

import pytest


@pytest.mark.parametrize("guide", ["docs/deploy.md", "docs/deploy.zh.md"])
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("UVICORN_WORKERS=4", "UVICORN_WORKERS=8", "shows UVICORN_WORKERS=8, declared is 4"),
        ("CELERY_LOG_LEVEL=info\n", "", "shows CELERY_LOG_LEVEL=None, declared is info"),
        ("FLOWER_PORT=5555", "FLOWER_PORT=5555\nPORT=5555", "shows PORT, which is not declared"),
        ("| Team | 8 | 4 | 4 | 2 |", "| Team | 8 | 4 | 4 | 4 |", "shows other numbers than the tier has"),
        ("logs@<host> ready.", "celery@logs ready", "does not show what the logs worker says"),
        ("🌸 Starting", "Starting", "does not show the banner of flower"),
    ],
)
def test_what_the_guide_shows_is_what_is_declared(spoil, guide, old, new, said):
    breaches = spoil(guide, old, new)
    assert [(breach.rule.name, breach.flaw.what) for breach in breaches] == [("guide", said)]
    assert breaches[0].flaw.place.file == guide


@pytest.mark.parametrize("guide", ["docs/deploy.md", "docs/deploy.zh.md"])
@pytest.mark.parametrize("language", ["env", "ini", ""])
@pytest.mark.parametrize("before", [True, False])
def test_a_wrong_block_beside_the_right_one(repository, judged, guide, language, before):
    path = repository / guide
    text = path.read_text()
    wrong = f"```{language}\nSERVICE_TYPE=api\nUVICORN_WORKERS=8\n```\n"
    right = text.index("```env\nSERVICE_TYPE=api")
    path.write_text(f"{text[:right]}{wrong}\n{text[right:]}" if before else f"{text}\n{wrong}")
    found = judged(repository)
    assert {breach.rule.name for breach in found} == {"guide"}
    assert any("shows UVICORN_WORKERS=8, declared is 4" in breach.flaw.what for breach in found)
    lines = path.read_text().splitlines()
    assert all(lines[breach.flaw.place.line - 1] == "SERVICE_TYPE=api" for breach in found)


@pytest.mark.parametrize("guide", ["docs/deploy.md", "docs/deploy.zh.md"])
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "UVICORN_WORKERS=4",
            "UVICORN_WORKERS=8\nUVICORN_WORKERS=4",
            "shows UVICORN_WORKERS=8, declared is 4",
        ),
        ("SERVICE_TYPE=flower", "SERVICE_TYPE=flowers", "the SERVICE_TYPE flowers, which is not declared"),
        ("| Team | 8 |", "| Team | 9 | 9 | 9 | 9 |\n| Team | 8 |", "shows other numbers than the tier has"),
    ],
)
def test_what_is_said_twice_is_said_alike(spoil, guide, old, new, said):
    found = spoil(guide, old, new)
    assert {breach.rule.name for breach in found} == {"guide"}
    assert any(said in breach.flaw.what for breach in found), found


def test_a_guide_that_is_missing_is_named(repository, judged):
    (repository / "docs/deploy.zh.md").unlink()
    assert [breach.flaw.what for breach in judged(repository)] == ["is missing"]


def test_the_guide_says_nothing_of_a_declaration_that_is_wrong(spoil, repository):
    text = (repository / "docs/deploy.md").read_text()
    (repository / "docs/deploy.md").write_text(text.replace("PORT=8000", "PORT=80000"))
    breaches = spoil("deploy/services.toml", 'PORT = "8000"', 'PORT = "80000"')
    assert [breach.rule.name for breach in breaches] == ["values"]
