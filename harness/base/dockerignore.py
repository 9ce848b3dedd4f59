"""What a .dockerignore keeps out of a build: the one reader, both for judging the file and for building by it.

A library matches its patterns: a port of moby's own matcher, where the last pattern that matches decides.
"""

from dataclasses import dataclass
from typing import Self

from e2b_dockerfile_utils import PatternMatcher

NAME = ".dockerignore"
BYTE_ORDER_MARK = "\ufeff"


class DockerignoreError(Exception):
    """A .dockerignore that no builder would take.

    Args:
        problem: with it.
        line: of it, counted from 1.
    """

    def __init__(self, problem: str, line: int) -> None:
        self.problem = problem
        self.line = line
        super().__init__(f"line {line}: {problem}")


@dataclass(frozen=True, slots=True)
class Dockerignore:
    """The patterns of one file.

    Args:
        lines: as they are written.
    """

    lines: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read one.

        Args:
            text: of the file; an empty one keeps nothing out.

        Raises:
            DockerignoreError: a pattern is not valid; says the line.
        """
        lines = tuple(text.removeprefix(BYTE_ORDER_MARK).split("\n"))
        for number, line in enumerate(lines, 1):
            try:
                PatternMatcher([line])
            except ValueError as error:
                raise DockerignoreError(str(error), number) from None
        return cls(lines)

    def matcher(self) -> PatternMatcher:
        """A matcher for many paths, which reads the patterns only once."""
        return PatternMatcher([*self.lines])

    def ignores(self, path: str) -> bool:
        """Whether a file stays out of the build.

        Args:
            path: from the folder that is built.
        """
        return self.matcher().matches(path)

    def admitted_by(self, path: str) -> int:
        """The line that lets a file in again after an earlier line has kept it out, counted from 1; 0 for none.

        Args:
            path: from the folder that is built; it must not stay out.
        """
        for number in range(len(self.lines), 0, -1):
            if Dockerignore(self.lines[: number - 1]).ignores(path):
                return number
        return 0

    @property
    def exceptions(self) -> list[str]:
        """The patterns of what is let in again, without the `!`."""
        return [pattern[1:] for pattern in self.matcher().patterns if pattern.startswith("!")]


def specific_name(dockerfile: str) -> str:
    """The file that BuildKit reads in place of `.dockerignore` where it is there.

    Args:
        dockerfile: path of the Dockerfile.
    """
    return f"{dockerfile}{NAME}"
