"""Whom a call is for, as a header of its client's says it: fields by which rules tell calls apart, and counters count them."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

HEADER = "x-client-request-id"
PATTERN = "{request}/{step}/{concept}/{attempt}"
FIELDS = ("request", "step", "concept", "attempt")
NOTHING = "-"  # stands in the header for a part that there is none of
LONGEST_NUMBER = 9  # digits
PLACEHOLDER = re.compile(r"\{(\w*)\}")


class CorrelationError(ValueError):
    """A pattern that no header can be read by. Says why."""


class Correlation:
    """Reads that header.

    Args:
        pattern: its parts by name, each once: `{request}`, `{step}`, `{concept}`, `{attempt}`. What stands between two of them
            separates, so that no part holds such a character. A header of another form is one key as a whole.
        header: its name.
        concept_at: where the text of a call that is JSON names the concept, as `name.name`: a header carries ids alone. Where the
            header has a concept's id, and the text its name, that is what the concept is called. '' for nowhere.

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
        """What a call's text calls the concept that it is about; '' where it names none."""
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
        """What the header says, as fields of Asked; none where there is no such header. Its parts may be percent-encoded.

        Args:
            headers: of HTTP, names in lower case.
            named: what the call's text calls the concept.
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
    """The number that a client has written; None where it is none, or one that nobody counts to."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None
