"""An author of plausible answers to an application's own prompts; it is passed in, because this provider knows no application."""

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, cast


class AuthorError(ValueError):
    """There is no such author; says why."""


class Author(Protocol):
    """Writes answers in place of the model."""

    def __hash__(self) -> int:
        """Needed because answers are cached by author."""

    def __call__(self, schema_name: str, message: str, seed: int, /) -> dict[str, Any] | None:
        """An answer to one prompt, the same every time; None where the author does not know the schema.

        Args:
            schema_name: of the structured output that is asked for.
            message: the last one of the chat.
            seed: another seed gives another answer.
        """


def find_author(where: str) -> Author:
    """The author that a command line names.

    Args:
        where: `module:name`, or `path/to/file.py:name` for a file that need not be in a package.

    Raises:
        AuthorError: there is no author at that place.
    """
    place, colon, name = where.rpartition(":")
    if not (colon and place and name):
        raise AuthorError(f"{where!r} names no author: module:name, or path/to/file.py:name")
    try:
        module = _from_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    except Exception as error:
        raise AuthorError(f"{place} cannot be imported: {type(error).__name__}: {error}") from error
    found = getattr(module, name, None)
    if not callable(found):
        raise AuthorError(f"{place} has {'no' if found is None else 'nothing to call as'} {name}")
    return cast("Author", found)


def _from_file(path: Path) -> ModuleType:
    described = importlib.util.spec_from_file_location(path.stem, path)
    assert described is not None, "a file whose name ends with .py is a module's"
    assert described.loader is not None, "likewise"
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module
