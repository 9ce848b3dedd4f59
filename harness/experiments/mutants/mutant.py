"""A mutant: one file of the declared sources with one change, under an id by which it can be asked for again."""

import difflib
import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.experiments.mutants.change import Change
from harness.experiments.mutants.operators import changes

ID_LENGTH = 10


@dataclass(frozen=True)
class Mutant:
    """A mutant.

    Args:
        file: that is changed, from the project's folder.
        source: as it is without the change.
        change: that makes it.
    """

    file: str
    source: bytes
    change: Change

    @cached_property
    def id(self) -> str:
        """An id that is the same for the same change of the same file, whatever else changes."""
        told = (
            self.file.encode(),
            self.source,
            repr((self.change.start, self.change.end, self.change.new)).encode(),
        )
        return hashlib.sha256(b"\0".join(told)).hexdigest()[:ID_LENGTH]

    @property
    def mutated(self) -> bytes:
        """The file with the change."""
        return self.change.applied(self.source)

    @property
    def line(self) -> int:
        """Where the change is, from 1."""
        return self.source.count(b"\n", 0, self.change.start) + 1

    @property
    def diff(self) -> str:
        """What is changed, as `diff -u` shows it."""
        before, after = (text.decode().splitlines() for text in (self.source, self.mutated))
        return "\n".join(difflib.unified_diff(before, after, self.file, self.file, lineterm="", n=2))

    @property
    def changed(self) -> tuple[str, str]:
        """The lines that differ, before and after, without what white space is around them."""
        lines = self.diff.splitlines()[2:]
        was, becomes = (
            "\n".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in ("-", "+")
        )
        return was, becomes


def mutants_of(root: Path, files: Sequence[Path]) -> Iterator[Mutant]:
    """Every possible mutant.

    Args:
        root: the project's folder.
        files: that are changed.

    Raises:
        SyntaxError: a file is no program.
    """
    for file in files:
        source = file.read_bytes()
        for change in changes(source):
            mutant = Mutant(file.relative_to(root).as_posix(), source, change)
            if _is_program(mutant.mutated):
                yield mutant


def _is_program(source: bytes) -> bool:
    """Whether Python accepts it: for example, `await` cannot be removed everywhere."""
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def drawn(mutants: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """Draw so many of them, all with the same probability.

    Args:
        mutants: all there are.
        count: how many at most.
        seed: decides which.
    """
    chance = random.Random(f"{seed}/mutants")  # noqa: S311 - no secret
    return chance.sample(mutants, min(count, len(mutants)))
