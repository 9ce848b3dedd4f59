"""The user that an image's program runs as; variables and earlier stages are followed as a builder does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from e2b_dockerfile_utils import ShellLex

from harness.base.dockerfile import DockerfileError, Instruction, stages

ROOT = "root"
ZERO = re.compile(r"[+-]?0+")  # as Go's strconv.Atoi takes it, with which runc reads a user


@dataclass(frozen=True, slots=True)
class User:
    """The user that an instruction chooses.

    Args:
        name: user and group, with variables replaced; empty where no user is chosen.
        line: of the instruction; 0 for none.
    """

    name: str = ""
    line: int = 0

    @property
    def is_root(self) -> bool:
        """Whether that is root. Where no user is chosen it is, because most base images run as root."""
        name = self.name.partition(":")[0].strip()
        return name in {"", ROOT} or ZERO.fullmatch(name) is not None


@dataclass(slots=True)
class _Stage:
    """The state that a stage passes on to later stages that start from it."""

    user: User = User()
    arguments: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def word(self, text: str, line: int) -> str:
        return _word(text, {**self.arguments, **self.environment}, line)  # ENV wins over ARG


def user_of(made: list[Instruction]) -> User:
    """The user that the image's program runs as.

    Args:
        made: the instructions of its Dockerfile. An argument has the value that the file gives it.

    Raises:
        DockerfileError: a variable is written as no builder would take it.
    """
    preamble, *parts = stages(made)
    everywhere = _Stage()
    for instruction in preamble:
        if instruction.name == "ARG":
            _declare(everywhere, instruction, {})
    named: dict[str, _Stage] = {}
    last = _Stage()
    for first, *rest in parts:
        base = everywhere.word(first.arguments[0], first.line) if first.arguments else ""
        last = _run(named.get(base.casefold(), _Stage()), rest, everywhere.arguments)
        if first.stage:
            named[first.stage.casefold()] = last
    return last.user


def _run(base: _Stage, instructions: list[Instruction], known: Mapping[str, str]) -> _Stage:
    made = _Stage(base.user, {**base.arguments}, {**base.environment})
    for instruction in instructions:
        if instruction.name == "USER":
            made.user = User(made.word(instruction.text, instruction.line).strip(), instruction.line)
        elif instruction.name == "ARG":
            _declare(made, instruction, known)
        elif instruction.name == "ENV":
            values = [made.word(value, instruction.line) for value in instruction.arguments[1::3]]
            made.environment |= dict(zip(instruction.names, values, strict=True))
    return made


def _declare(stage: _Stage, instruction: Instruction, known: Mapping[str, str]) -> None:
    """Declare an argument; without a value of its own it has the value from before the first stage."""
    for word in instruction.arguments:
        name, equals, value = word.partition("=")
        if equals:
            stage.arguments[name] = stage.word(value, instruction.line)
        elif name in known:
            stage.arguments[name] = known[name]


def _word(text: str, variables: Mapping[str, str], line: int) -> str:
    try:
        return ShellLex("\\", env=variables, skip_unset_env=False).process_word(text)
    except ValueError as error:
        raise DockerfileError(str(error), line) from None
