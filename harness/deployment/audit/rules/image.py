"""The image starts its program by itself, holds no secret, and is every role's."""

from collections.abc import Iterator

from harness.base.dockerfile import DockerfileError, Instruction, instructions, last_stage
from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject

ROOT_USERS = {"root", "0", "0:0", "root:root"}
IGNORED = ".dockerignore"


def _judge(subject: Subject) -> Iterator[Flaw]:
    paths = {
        "/".join(part for part in (service.root_directory.strip("/"), service.dockerfile) if part)
        for service in subject.services
    }
    scripts = {**dict.fromkeys(sorted(paths), subject.program.entrypoint), **subject.program.images}
    for path, script in scripts.items():
        text = subject.text(path)
        if text is not None:  # else the rule `dockerfile` says so; that of a single role may be left out
            yield from _read(subject, path, text, script)
    ignored = (subject.text(IGNORED) or "").split()
    if not any(line in {"*", ".env", "**/.env*", ".env*", "**/.env"} for line in ignored):
        yield Flaw(Place(IGNORED), "lets .env files into the build", "name them: **/.env*")


def _read(subject: Subject, path: str, text: str, script: str) -> Iterator[Flaw]:
    try:
        made = instructions(text)
    except DockerfileError as error:
        yield Flaw(Place(path, error.line), f"is no Dockerfile: {error.problem}", "correct that line")
        return
    yield from _image(subject, path, made, script)


def _image(subject: Subject, path: str, made: list[Instruction], script: str) -> Iterator[Flaw]:
    final = last_stage(made)
    yield from _start(path, final, script)
    yield from _user(path, [one for one in final if one.name == "USER"])
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
        if words is None:
            fix = f'{instruction.name} ["...", "..."]'
            yield Flaw(place, f"is in shell form: {instruction.text}", fix)
        elif instruction.name == "ENTRYPOINT" and not words[-1].endswith(script):
            yield Flaw(place, f"is {words}, not {script}", f"start {script}")


def _user(path: str, users: list[Instruction]) -> Iterator[Flaw]:
    if not users or users[-1].text in ROOT_USERS:
        line = users[-1].line if users else 0
        yield Flaw(Place(path, line, "USER"), "runs as root", "USER with a number of its own")


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
)
