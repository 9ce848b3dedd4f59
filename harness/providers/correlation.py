"""Reads a call's purpose from a header of its client: fields by which rules distinguish calls, and counters count them."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

HEADER = "x-client-request-id"
PATTERN = "{request}/{step}/{concept}/{attempt}"
FIELDS = ("request", "step", "concept", "attempt")
NOTHING = "-"  # stands in the header for a missing part
LONGEST_NUMBER = 9  # digits
PLACEHOLDER = re.compile(r"\{(\w*)\}")


class CorrelationError(ValueError):
    """No header can be read by the pattern; says why."""


class Correlation:
    """Reads that header.

    Args:
        pattern: its parts by name, each once: `{request}`, `{step}`, `{concept}`, `{attempt}`. The text between two of them
            separates them, so no part may contain it. A header of another form is one key as a whole.
        header: its name.
        concept_at: path of the concept's name in a call's JSON, as `name.name`, because a header has only ids. Where the header
            has a concept's id, and the text its name, the concept is called by the name. '' for nowhere.

    Raises:
        CorrelationError: the pattern names no part, an unknown one, or one twice.
    """

    def __init__(self, pattern: str = PATTERN, header: str = HEADER, concept_at: str = "") -> None:
        names = PLACEHOLDER.findall(pattern)
        if not names or len({*names}) < len(names) or not {*names} <= {*FIELDS}:
            known = ", ".join(f"{{{name}}}" for name in FIELDS)
            raise CorrelationError(
                f"{pattern!r} is no pattern of a correlation: it has each of {known} at most once"
            )
        self.header = header.lower().encode("latin-1", "replace")
        self._concept_at = concept_at.split(".") if concept_at else []
        between = re.escape(PLACEHOLDER.sub("", pattern))
        part = f"[^{between}]*" if between else ".*"
        texts = PLACEHOLDER.split(pattern)  # text, name, text, name, ..., text
        self._form = re.compile(
            "".join(
                f"(?P<{text}>{part})" if number % 2 else re.escape(text) for number, text in enumerate(texts)
            )
        )

    def named(self, text: str) -> str:
        """The name of the concept in a call's text; '' where it names none."""
        if not self._concept_at or not text.startswith("{"):
            return ""
        try:
            found = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return ""
        for name in self._concept_at:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else ""

    def read(self, headers: Mapping[bytes, bytes], named: str = "") -> dict[str, Any]:
        """The header's parts, as fields of Asked; none where there is no such header. Parts may be percent-encoded.

        Args:
            headers: of HTTP, names in lower case.
            named: the name of the concept in the call's text.
        """
        given = headers.get(self.header)
        if given is None:
            return {}
        correlation = given.decode("latin-1")
        found = self._form.fullmatch(correlation)
        if found is None:
            return {"correlation": correlation, "key": correlation}
        said: dict[str, Any] = {
            name: "" if text == NOTHING else unquote(text) for name, text in found.groupdict().items()
        }
        attempt = said.pop("attempt", "")
        key = "/".join(said.values()) or correlation
        count = number_in(attempt) or 0
        concept = said.get("concept", "")
        called = {"concept": (concept and named) or concept, "concept_id": concept}
        return {**said, **called, "attempt": count, "correlation": correlation, "key": key}


def number_in(text: str | bytes) -> int | None:
    """The number in a client's text; None where it is no number, or too large."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None
