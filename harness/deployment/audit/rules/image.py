"""The image starts its program by itself, holds no secret, and serves every role."""

import re
from collections.abc import Iterator

from harness.base.dockerfile import DockerfileError, Instruction, instructions, last_stage
from harness.base.dockerfile_user import user_of
from harness.base.dockerignore import NAME, Dockerignore, DockerignoreError, specific_name
from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject

ENV_FILE = ".env"  # docker compose reads this file, and people who try the deployment out keep secrets in it
SHARED_ENDS = (
    "example",
    "sample",
    "template",
    "dist",
)  # endings of file names for examples, which hold no secrets
ANYWHERE = "any"  # replaces the wildcards of a pattern


def _judge(subject: Subject) -> Iterator[Flaw]:
    contexts = {
        "/".join(part for part in (service.root_directory.strip("/"), service.dockerfile) if part): (
            service.root_directory.strip("/")
        )
        for service in subject.services
    }
    # The rule `dockerfile` reports missing files; the Dockerfile of a single role may be missing.
    there = {path: contexts[path] for path in sorted(contexts) if (subject.root / path).is_file()}
    there |= {path: "" for path in subject.program.images if subject.text(path) is not None}
    for path in there:
        script = subject.program.images.get(path, subject.program.entrypoint)
        yield from _read(subject, path, subject.text(path) or "", script)
    flaws = (flaw for path, context in there.items() for flaw in _context(subject, path, context))
    yield from dict.fromkeys(flaws)


def _context(subject: Subject, dockerfile: str, folder: str) -> Iterator[Flaw]:
    """Flaws of the build context."""
    usual = f"{folder}/{NAME}".lstrip("/")
    path = specific if subject.text(specific := specific_name(dockerfile)) is not None else usual
    try:
        ignore = Dockerignore.of(subject.text(path) or "")
    except DockerignoreError as error:
        yield Flaw(Place(path, error.line), f"is no {NAME}: {error.problem}", "correct that line")
        return
    for file in (ENV_FILE, *filter(None, map(_env_file, ignore.exceptions))):
        if not ignore.ignores(file):
            line = ignore.admitted_by(file)
            yield Flaw(Place(path, line), f"lets {file} files into the build", "name them last: **/.env*")


def _env_file(pattern: str) -> str | None:
    """The file with secrets that an exception names; None where it names none."""
    folder, _, name = pattern.rpartition("/")
    if not re.match(r"\.env($|[.*?_-])", name) or name.endswith(SHARED_ENDS):
        return None
    known = ENV_FILE if name.endswith("*") else re.sub(r"[*?]+", ANYWHERE, name)
    return f"{re.sub(r'[*?]+', ANYWHERE, folder)}/{known}".lstrip("/")


def _read(subject: Subject, path: str, text: str, script: str) -> Iterator[Flaw]:
    try:
        made = instructions(text)
    except DockerfileError as error:
        yield Flaw(Place(path, error.line), f"is no Dockerfile: {error.problem}", "correct that line")
        return
    yield from _image(subject, path, made, script)


def _image(subject: Subject, path: str, made: list[Instruction], script: str) -> Iterator[Flaw]:
    yield from _start(path, last_stage(made), script)
    try:
        user = user_of(made)
    except DockerfileError as error:
        yield Flaw(Place(path, error.line), f"is no Dockerfile: {error.problem}", "correct that line")
    else:
        if user.is_root:
            who = f"runs as root: USER {user.name}".rstrip() if user.line else "runs as root"
            yield Flaw(
                Place(path, user.line, "USER"), who, "USER with a number of its own, in the last stage"
            )
    for instruction in made:
        if instruction.name in {"ENV", "ARG"}:
            yield from _variables(subject, path, instruction)
        elif instruction.name == "HEALTHCHECK" and instruction.text.upper() != "NONE":
            place = Place(path, instruction.line, "HEALTHCHECK")
            yield Flaw(place, "asks workers, which answer nothing", "remove it")


def _start(path: str, final: list[Instruction], script: str) -> Iterator[Flaw]:
    starts = [one for one in final if one.name in {"ENTRYPOINT", "CMD"}]
    if not any(instruction.name == "ENTRYPOINT" for instruction in starts):
        folder = next((one.text for one in reversed(final) if one.name == "WORKDIR"), "")
        yield Flaw(Place(path), "has no ENTRYPOINT", f'ENTRYPOINT ["{folder}/{script}"]')
    for instruction in starts:
        place = Place(path, instruction.line, instruction.name)
        words = instruction.words
        if not words:
            fix = f'{instruction.name} ["...", "..."]'
            yield Flaw(place, f"is in shell form: {instruction.text}", fix)
        elif instruction.name == "ENTRYPOINT" and not words[-1].endswith(script):
            yield Flaw(place, f"is {words}, not {script}", f"start {script}")


def _variables(subject: Subject, path: str, instruction: Instruction) -> Iterator[Flaw]:
    for name in instruction.names:
        place = Place(path, instruction.line, name)
        if name in subject.secrets:
            yield Flaw(place, "puts a secret into the image", "leave it to the service")
        elif name == subject.program.role_variable and path not in subject.program.images:
            yield Flaw(place, "chooses the role for all", "leave it to the service")


IMAGE = Rule(
    name="image",
    states="the image starts the entrypoint in exec form, not as root, for every role, and holds no secret",
    why="the shell form puts a shell before the program, which swallows SIGTERM; whoever has an image has what is in it",
    judge=_judge,
    of_files=True,
)
