"""What is wrong with a request, in the provider's words: where, which code, and how it is said."""

from collections.abc import Sequence
from typing import Any

from harness.providers.errors import RefusedError

# At the top level of the body; deeper down the message is "Unknown parameter".
UNRECOGNISED = "Unrecognized request argument supplied: {}"
_GOT = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    dict: "an object",
    list: "an array",
    type(None): "null",
}


class WrongError(Exception):
    """A value that is not as it should be. Whoever looked into an object or a list adds where it was.

    Args:
        code: of the provider's error.
        said: the sentence, with `{}` for the parameter's name.
    """

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code = code
        self.said = said
        self.path: list[str | int] = []  # the innermost first

    @property
    def parameter(self) -> str:
        """Where, such as `messages[0].content`."""
        written = ""
        for part in reversed(self.path):
            written += f"[{part}]" if isinstance(part, int) else f".{part}"
        return written.removeprefix(".")

    def refusal(self) -> RefusedError:
        """The same as the provider's answer."""
        where = self.parameter
        if not where:
            return RefusedError("The body must be a JSON object.", None, "invalid_type")
        return RefusedError(self.said.replace("{}", where), where, self.code)


def of_type(value: Any, expected: Sequence[str]) -> WrongError:
    """A value of a wrong type.

    Args:
        value: it.
        expected: types, each with its article.
    """
    several = len(expected) > 1
    names = [name.partition(" ")[2] if several and number else name for number, name in enumerate(expected)]
    one_of = f"one of {either(names)}" if several else expected[0]
    return WrongError(
        "invalid_type", f"Invalid type for '{{}}': expected {one_of}, but got {got(value)} instead."
    )


def of_value(value: Any, allowed: Sequence[Any]) -> WrongError:
    """A value that is not among those that there are."""
    supported = listed([f"'{each}'" for each in allowed])
    are = f"Supported values are: {supported}"
    return WrongError("invalid_value", f"Invalid value: '{str(value)[:100]}'. {are}.")


def of_number(value: float, kind: str, limit: float, *, below: bool, exclusive: bool = False) -> WrongError:
    """A number outside of its limits.

    Args:
        value: it.
        kind: `integer` or `decimal`.
        limit: the nearest value that is allowed, or the first that is not.
        below: it.
        exclusive: the limit itself is not allowed.
    """
    side, sign = ("below minimum", ">") if below else ("above maximum", "<")
    code = f"{kind}_{'below_min' if below else 'above_max'}_value"
    sign += "" if exclusive else "="
    return WrongError(
        code,
        f"Invalid '{{}}': {kind} {side} value. Expected a value {sign} {limit}, but got {value} instead.",
    )


def of_string(length: int, limit: int, *, below: bool) -> WrongError:
    """A string that is too long or too short, in characters."""
    if below and not length:
        said = (
            f"empty string. Expected a string with minimum length {limit}, but got an empty string instead."
        )
        return WrongError("empty_string", f"Invalid '{{}}': {said}")
    which, side, code = ("short", "minimum", "below_min") if below else ("long", "maximum", "above_max")
    said = f"Expected a string with {side} length {limit}, but got a string with length {length} instead."
    return WrongError(f"string_{code}_length", f"Invalid '{{}}': string too {which}. {said}")


def of_pattern(pattern: str) -> WrongError:
    """A string of another form."""
    said = f"Expected a string that matches the pattern '{pattern}'."
    return WrongError("invalid_value", f"Invalid '{{}}': string does not match pattern. {said}")


def of_array(length: int, limit: int, *, below: bool) -> WrongError:
    """A list that is too long or too short."""
    if below and not length:
        said = f"empty array. Expected an array with minimum length {limit}, but got an empty array instead."
        return WrongError("empty_array", f"Invalid '{{}}': {said}")
    which, side, code = ("short", "minimum", "below_min") if below else ("long", "maximum", "above_max")
    said = f"Expected an array with {side} length {limit}, but got an array with length {length} instead."
    return WrongError(f"array_{code}_length", f"Invalid '{{}}': array too {which}. {said}")


def of_object(size: int, limit: int) -> WrongError:
    """An object with too many properties."""
    said = f"Expected an object with at most {limit} properties, but got an object with {size} properties instead."
    return WrongError("object_above_max_properties", f"Invalid '{{}}': too many properties. {said}")


def missing(name: str) -> WrongError:
    """A parameter that has to be there."""
    return at(WrongError("missing_required_parameter", "Missing required parameter: '{}'."), name)


def unknown(name: str) -> WrongError:
    """A parameter that there is not."""
    return at(WrongError("unknown_parameter", "Unknown parameter: '{}'."), name)


def at(error: WrongError, name: str) -> WrongError:
    """The same error, at a part of what was looked at."""
    error.path.append(name)
    return error


def got(value: Any) -> str:
    """What a value is, in the provider's words."""
    return "an empty array" if value == [] else _GOT.get(type(value), "something else")


def either(names: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b, or c`."""
    return _joined(names, "or")


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b, and c`."""
    return _joined(names, "and")


def _joined(names: Sequence[str], word: str) -> str:
    if len(names) <= 2:  # noqa: PLR2004 - a comma needs three
        return f" {word} ".join(names)
    return f"{', '.join(names[:-1])}, {word} {names[-1]}"
