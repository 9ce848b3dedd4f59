"""The file of variables that a declaration names. One that it does not name is never read."""

import re
from collections.abc import Mapping

from harness.application.app import App
from harness.application.error import DeclarationError

LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*")
COMMENT = re.compile(r"\s+#.*$")
QUOTES = "'\""


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
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DeclarationError(f"dotenv={app.dotenv!r} cannot be read: {error}") from None
    found = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not (match := LINE.fullmatch(line)):
            raise DeclarationError(f"{app.dotenv}:{number}: {line!r} is no NAME=value")
        value = match["value"]
        if len(value) > 1 and value[0] in QUOTES and value[0] == value[-1]:
            found[match["name"]] = value[1:-1]
        else:
            found[match["name"]] = COMMENT.sub("", value)
    return found
