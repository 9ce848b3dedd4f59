"""The Dockerfile's path counts from the root directory."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        root = service.root_directory.strip("/")
        place = subject.place(service, "dockerfile")
        if not (subject.root / root).is_dir():
            yield Flaw(
                subject.place(service, "root_directory"),
                f"the repository has no folder {service.root_directory}",
                "name a folder of the repository, or / for all of it",
            )
        elif not (subject.root / root / service.dockerfile).is_file():
            first = PurePosixPath(service.dockerfile).parts[:1]
            doubled = " (it begins with the root directory once more)" if first == (root,) else ""
            yield Flaw(
                place,
                f"{service.dockerfile} is not there under the root directory {service.root_directory}{doubled}",
                "give the path from the root directory",
            )


DOCKERFILE = Rule(
    name="dockerfile",
    states="every service's Dockerfile is there, by its path from the root directory",
    why="with a root directory Railway fetches that folder alone, and a name other than Dockerfile is never found by itself",
    judge=_judge,
    of_files=True,
)
