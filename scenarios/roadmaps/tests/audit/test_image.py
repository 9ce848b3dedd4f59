"""The rule over the image's Dockerfile."""

import pytest

DOCKERFILE = "Dockerfile.railway"
START = 'ENTRYPOINT ["dumb-init", "--single-child", "/srv/scripts/railway_entrypoint.sh"]'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (START, "ENTRYPOINT /srv/scripts/railway_entrypoint.sh", "is in shell form"),
        (START, "", "has no ENTRYPOINT"),
        (START, 'ENTRYPOINT ["uvicorn"]', "is ['uvicorn'], not scripts/railway_entrypoint.sh"),
        (START, f"{START}\nCMD uvicorn app.main:app", "is in shell form: uvicorn app.main:app"),
        (START, f"{START}\nUSER root", "runs as root"),
        (START, f"ENV A=1 \\\n  OPENAI_API_KEY=sk-1\n{START}", "puts a secret into the image"),
        (START, f"ARG JWT_SECRET_KEY\n{START}", "puts a secret into the image"),
        (START, f"ENV SERVICE_TYPE=api\n{START}", "chooses the role for all"),
        (START, f"HEALTHCHECK CMD curl localhost:8000/health\n{START}", "asks workers, which answer nothing"),
        (START, f"{START}\nCMD [1]", "is no Dockerfile: Only strings"),
    ],
)
def test_an_image_that_would_start_or_stop_otherwise(spoil, old, new, said):
    (breach,) = spoil(DOCKERFILE, old, new)
    assert breach.rule.name == "image"
    assert said in breach.flaw.what
    assert breach.flaw.place.file == DOCKERFILE


def test_a_build_that_sees_the_secrets_of_whoever_builds(repository, spoil):
    text = (repository / ".dockerignore").read_text()
    (breach,) = spoil(".dockerignore", text, "**/tests\n")
    assert (breach.rule.name, breach.flaw.what) == ("image", "lets .env files into the build")
