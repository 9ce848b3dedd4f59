"""Removes secrets from exchanges. Recorder and player remove the same texts, so that a request is recognised."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.providers.secrets import REDACTED, SHORTEST, names_secret, redacted
from harness.providers.tape.exchange import Asked, Part


def own_secrets(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets in a request's headers, which its bodies must not show either; short ones are ignored, because they occur by chance.

    Args:
        headers: names in lower case.
    """
    values = [value for name, value in headers.items() if names_secret(name)]
    found = [value.partition(" ")[2] or value for value in values]
    found += [each.partition("=")[2] for each in headers.get("cookie", "").split("; ")]
    return tuple(each for each in found if len(each) >= SHORTEST)


def asked_without_secrets(asked: Asked, own: Sequence[str]) -> Asked:
    """The request without secrets.

    Args:
        asked: as it came.
        own: secrets of the request.
    """
    headers = {name: redacted(value, *own) for name, value in asked.headers.items() if not names_secret(name)}
    return Asked(asked.method, _path(asked.path, own), headers, _body(asked.body, own))


def headers_without_secrets(headers: Sequence[tuple[str, str]], own: Sequence[str]) -> list[tuple[str, str]]:
    """The headers of an answer without secrets."""
    return [(name, redacted(value, *own)) for name, value in headers if not names_secret(name)]


def parts_without_secrets(parts: list[Part], own: Sequence[str]) -> list[Part]:
    """The pieces of an answer without secrets; joined to one where a secret spans two of them."""
    found = [Part(part.after, redacted(part.text, *own), part.base64) for part in parts]
    whole = "".join(part.text for part in parts)
    if any(part.base64 for part in parts) or redacted(whole, *own) == "".join(part.text for part in found):
        return found
    return [Part(sum(part.after for part in parts), redacted(whole, *own))]


def _path(path: str, own: Sequence[str]) -> str:
    where, mark, query = path.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    shown = [
        f"{name}={REDACTED}" if value and (name == "key" or names_secret(name)) else f"{name}{equals}{value}"
        for name, equals, value in pairs
    ]
    return redacted(f"{where}{mark}{'&'.join(shown)}", *own)


def _body(value: Any, own: Sequence[str]) -> Any:
    match value:
        case str():
            return redacted(value, *own)
        case list():
            return [_body(each, own) for each in value]
        case dict():
            return {
                redacted(name, *own): REDACTED
                if isinstance(each, str) and names_secret(name)
                else _body(each, own)
                for name, each in value.items()
            }
    return value
