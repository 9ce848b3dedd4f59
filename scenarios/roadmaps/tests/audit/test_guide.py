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


def test_a_guide_that_is_missing_is_named(repository, judged):
    (repository / "docs/deploy.zh.md").unlink()
    assert [breach.flaw.what for breach in judged(repository)] == ["is missing"]


def test_the_guide_says_nothing_of_a_declaration_that_is_wrong(spoil, repository):
    text = (repository / "docs/deploy.md").read_text()
    (repository / "docs/deploy.md").write_text(text.replace("PORT=8000", "PORT=80000"))
    breaches = spoil("deploy/services.toml", 'PORT = "8000"', 'PORT = "80000"')
    assert [breach.rule.name for breach in breaches] == ["values"]
