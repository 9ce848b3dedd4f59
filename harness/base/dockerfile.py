"""A Dockerfile as its instructions: the one reader, both for judging a file and for building from it.

A library parses the syntax: a port of BuildKit's own parser, with its comments, continued lines, flags, exec forms and heredocs.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from e2b_dockerfile_utils import DockerfileInstruction, DockerfileSyntaxError, parse_dockerfile_ast

NAMED_BY_THREE = 3  # the library says each variable of ENV as name, value and what stands between them


class DockerfileError(Exception):
    """A Dockerfile that no builder would take.

    Args:
        problem: with it.
        line: of it, counted from 1; 0 for the whole file.
    """

    def __init__(self, problem: str, line: int = 0) -> None:
        self.problem = problem
        self.line = line
        super().__init__(f"line {line}: {problem}" if line else problem)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    Args:
        line: on which it begins, counted from 1.
        name: in capitals.
        flags: such as `--from=first`.
        arguments: what follows it, in words where the instruction takes words.
        exec_form: whether they are written as a list, so that no shell runs them.
        written: names of the files that it creates by heredocs.
    """

    line: int
    name: str
    flags: tuple[str, ...]
    arguments: tuple[str, ...]
    exec_form: bool = False
    written: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: DockerfileInstruction) -> Self:
        """As the library has it."""
        arguments = tuple(found.args)
        written = tuple(word for word in arguments if found.heredocs and "<<" in word)
        return cls(found.start_line, found.name, tuple(found.flags), arguments, found.json, written)

    @property
    def text(self) -> str:
        """What follows it, in one line."""
        return " ".join(self.arguments)

    @property
    def words(self) -> list[str] | None:
        """The words of its exec form; None for the shell form."""
        return [*self.arguments] if self.exec_form else None

    @property
    def names(self) -> list[str]:
        """Of the variables that ENV or ARG set."""
        if self.name == "ENV":
            return [*self.arguments[::NAMED_BY_THREE]]
        return [word.partition("=")[0] for word in self.arguments]

    @property
    def stage(self) -> str:
        """The name that FROM gives to the stage which it begins; empty for none."""
        return self.arguments[-1] if [word.upper() for word in self.arguments[1:2]] == ["AS"] else ""

    @property
    def sources(self) -> list[str]:
        """The files that COPY or ADD takes from the build context: not from another stage, the internet, or the Dockerfile itself."""
        if any(flag.startswith("--from=") for flag in self.flags):
            return []
        taken = [source for source in self.arguments[:-1] if source not in self.written]
        return [source for source in taken if "://" not in source]


def instructions(text: str) -> list[Instruction]:
    """Those of a Dockerfile, in its order.

    Raises:
        DockerfileError: the text is no Dockerfile; says the line.
    """
    try:
        return [Instruction.of(found) for found in parse_dockerfile_ast(text).instructions]
    except DockerfileSyntaxError as error:
        problem = str(error).removeprefix(f"Dockerfile parse error on line {error.line}: ")
        raise DockerfileError(problem, error.line or 0) from None


def stages(made: list[Instruction]) -> list[list[Instruction]]:
    """The instructions stage by stage, each with its FROM first; the first item holds what stands before the first FROM."""
    starts = [index for index, instruction in enumerate(made) if instruction.name == "FROM"]
    bounds = [0, *starts, len(made)]
    return [made[start:end] for start, end in itertools.pairwise(bounds)]


def last_stage(made: list[Instruction]) -> list[Instruction]:
    """The instructions of the stage that becomes the image."""
    return stages(made)[-1]


def until(made: list[Instruction], target: str) -> list[Instruction]:
    """The instructions up to the end of a stage.

    Args:
        made: of the whole file.
        target: name of the stage; the last one if it is empty.

    Raises:
        DockerfileError: there is no such stage.
    """
    if not target:
        return made
    end = 0
    for stage in stages(made):
        end += len(stage)
        if stage and stage[0].stage.casefold() == target.casefold():
            return made[:end]
    raise DockerfileError(f"has no stage {target}")


def sources(made: Iterable[Instruction]) -> list[str]:
    """Everything that is taken from the build context, as it is written in the Dockerfile."""
    return [source for one in made if one.name in {"COPY", "ADD"} for source in one.sources]
