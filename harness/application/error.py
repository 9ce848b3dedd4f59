"""The error of a wrong declaration, with a message for the person who wrote it."""

import difflib
from collections.abc import Iterable


class DeclarationError(Exception):
    """The declaration of an application makes no sense."""


def near(found: str, known: Iterable[str]) -> str:
    """What may have been meant, for the end of a sentence.

    Args:
        found: what was written.
        known: what there is.
    """
    names = [*known]
    close = difflib.get_close_matches(found, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"there are: {', '.join(names)}" if names else "there are none"
