"""A service is configured for Railway in one place: no file in the repository says otherwise."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject

FILES = ("railway.json", "railway.toml")
KEYS = ("startCommand", "buildCommand", "dockerfilePath", "healthcheckPath", "preDeployCommand")


def _judge(subject: Subject) -> Iterator[Flaw]:
    folders = dict.fromkeys(["", *(service.root_directory.strip("/") for service in subject.services)])
    for folder in folders:
        for name in FILES:
            path = f"{folder}/{name}".lstrip("/")
            text = subject.text(path)
            if text is None:
                continue
            said = next((key for key in KEYS if key in text), "")
            line = subject.line(path, said) if said else 0
            what = f"its {said} takes the place of what is declared" if said else "overrides what is declared"
            yield Flaw(
                Place(path, line, said),
                f"is read by Railway at each deploy until 2026-12-01, when it ends: {what}",
                f"remove it; {subject.declaration} says it all, and harness export writes it for Railway",
            )


CONFIG_AS_CODE = Rule(
    name="config_as_code",
    states="no railway.json or railway.toml lies where Railway would read it",
    why="it goes before what is set for the service, a start command before the image's entrypoint, and from 2026-12-01 nobody reads it",
    judge=_judge,
    of_files=True,
)
