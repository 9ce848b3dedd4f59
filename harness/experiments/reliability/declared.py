"""The declared part of reliability, which runs cannot show: the promise, the faults that must be survived, found bugs, controls."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from harness.base.run import ROOT

DECLARED = ROOT / "docs" / "reliability.toml"


class NotDeclaredError(Exception):
    """The declaration is missing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault that must be survived.

    Args:
        number: of the table, and of the scenarios' marker `row`.
        fault: what goes wrong.
        expected: the expected outcome.
    """

    number: int
    fault: str
    expected: str


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug of the product that the harness has found.

    Args:
        bug: what was wrong, and how it was mended.
        found_by: what showed it.
        test: a test that fails without the mend: a pytest node id, without parameters.
    """

    bug: str
    found_by: str
    test: str


@dataclass(frozen=True, slots=True)
class Control:
    """One safety that is switched off on purpose.

    Args:
        without: the safety.
        check: that must be violated.
        test: a pytest node id, without parameters.
    """

    without: str
    check: str
    test: str


@dataclass(frozen=True, slots=True)
class Declared:
    """The whole declaration.

    Args:
        promise: sentences.
        not_promised: sentences.
        substrates: on which every row must have been survived.
        rows: see Row.
        bugs: see Bug.
        controls: see Control.
        tier: that every row must have been survived at; empty for any.
    """

    promise: list[str]
    not_promised: list[str]
    substrates: list[str]
    rows: list[Row]
    bugs: list[Bug]
    controls: list[Control]
    tier: str = ""

    @classmethod
    def load(cls, path: Path = DECLARED) -> Self:
        """Read it.

        Args:
            path: of the file.

        Raises:
            NotDeclaredError: there is none.
            msgspec.ValidationError: it has a wrong value; names the place.
        """
        try:
            return msgspec.toml.decode(path.read_bytes(), type=cls)
        except FileNotFoundError:
            raise NotDeclaredError(f"{path} is not there: it says what no run can tell") from None
