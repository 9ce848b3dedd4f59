"""The file of variables that a declaration names. One that it does not name is never read."""

from collections.abc import Mapping

from harness.application.app import App
from harness.application.error import DeclarationError
from harness.base.dotenv import NoEntryError, entries


def variables_of(app: App) -> Mapping[str, str]:
    """The variables of the named file; none where no file is named.

    Args:
        app: the application that may name it.

    Raises:
        DeclarationError: the file cannot be read, or a line of it.
    """
    if not app.dotenv:
        return {}
    path = app.root / app.dotenv
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DeclarationError(f"dotenv={app.dotenv!r} cannot be read: {error}") from None
    try:
        return {name: value for _, name, value in entries(text)}
    except NoEntryError as error:
        raise DeclarationError(f"{app.dotenv}:{error.number}: it is no NAME=value") from None
