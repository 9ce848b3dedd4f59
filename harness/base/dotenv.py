"""A file of variables, as many tools read it: a NAME=value a line, with or without quotes, and comments."""

import re
from collections.abc import Iterator

LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*")
COMMENT = re.compile(r"(^|\s+)#.*$")
ESCAPED = re.compile(r"\\(.)")  # in a value in double quotes


class NoEntryError(ValueError):
    """A line is neither empty, nor a comment, nor NAME=value.

    Args:
        number: of the line.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number} is no NAME=value")
        self.number = number


def entries(text: str) -> Iterator[tuple[int, str, str]]:
    r"""Each line's number, the variable's name and its value. In double quotes `\n` is a line's end, and a backslash takes what follows it as it is.

    Args:
        text: of the file.

    Raises:
        NoEntryError: a line cannot be read.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not (match := LINE.fullmatch(line)):
            raise NoEntryError(number)
        yield number, match["name"], _plain(match["value"])


def _plain(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1]
    if quoted and value[0] == '"':
        return ESCAPED.sub(lambda found: {"n": "\n"}.get(found[1], found[1]), value[1:-1])
    return value[1:-1] if quoted and value[0] == "'" else COMMENT.sub("", value)
