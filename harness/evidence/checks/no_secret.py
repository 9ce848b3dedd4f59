"""No secret and no canary value is in any log or row."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import msgspec

from harness.evidence.checks.check import needs
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence, Row
from harness.evidence.manifest import LOG, STARTUP, TABLE
from harness.evidence.redaction import BEGINS, FORMS, HASH, secret_forms


@needs("logs/*", "startup/*", "database/*")
def no_secret(evidence: Evidence) -> Finding:
    """Judge every line of every node and every row; the finding names the secret and the place, never the value.

    In kept evidence a name stands in place of a secret. The manifest knows how many such names there are, so a text that only
    looks like such a name is not taken for a secret.
    """
    values = {form: name for name, value in evidence.secrets.items() for form in secret_forms(value)}
    suspicious = (*values, *BEGINS.values(), *(f"<{name}>" for name in FORMS))
    faults: dict[str, None] = {}
    seen = 0
    for part, place, pieces in _parts(evidence):
        seen += len(pieces)
        whole = _quickly(pieces)  # search the whole text at once: there is hardly ever a secret
        if any(one in whole for one in suspicious):
            for number, piece in enumerate(pieces, 1):
                shown = place.format(number)
                found = _found(evidence, part, _text([piece]), values)
                faults |= {f"{name} is in {shown}": None for name in found}
    if not evidence.secrets and not faults:
        return Finding.unknown("there were no secrets to look for")
    return Finding.judge(list(faults), seen=seen, what="log lines and rows")


def _found(evidence: Evidence, part: str, text: str, values: Mapping[str, str]) -> Iterator[str]:
    """The names of the secrets that a text shows."""
    for form, name in values.items():
        if form in text and not (form == f"<{name}>" and not _put_there(evidence, part, name)):
            yield name
    for name, pattern in FORMS.items():
        if part.startswith(f"{TABLE}/") and name == HASH:
            continue  # the secret belongs there
        if pattern.search(text) or (f"<{name}>" in text and _put_there(evidence, part, name)):
            yield f"a {name}"


def _put_there(evidence: Evidence, part: str, name: str) -> bool:
    """How often a secret's name was put in its place in kept evidence; old runs do not say."""
    return evidence.manifest is None or bool(
        part in evidence.manifest and evidence.manifest[part].redacted.get(name)
    )


def _parts(evidence: Evidence) -> Iterator[tuple[str, str, Sequence[str | Row]]]:
    """The part, the place with a gap for the number, and its lines or rows."""
    for part, shown, logs in ((STARTUP, "startup", evidence.startup), (LOG, "log", evidence.logs)):
        for node, lines in logs.items():
            yield f"{part}/{node}", f"line {{}} of the {shown} of {node}", lines
    for table, rows in evidence.tables.items():
        yield f"{TABLE}/{table}", f"a row of {table}", rows


def _quickly(pieces: Sequence[str | Row]) -> str:
    """What they say, but for the spaces between values."""
    if pieces and isinstance(pieces[0], str):
        return _text(pieces)
    try:
        return msgspec.json.encode(pieces).decode()
    except (
        UnicodeEncodeError,
        OverflowError,
    ):  # half of a character, or a number that is too long: only json writes them
        return _text(pieces)


def _text(pieces: Sequence[str | Row]) -> str:
    """What lines or rows say, as it is kept."""
    if pieces and isinstance(pieces[0], str):
        return "\n".join(cast("Sequence[str]", pieces))
    return json.dumps(pieces, ensure_ascii=False)
