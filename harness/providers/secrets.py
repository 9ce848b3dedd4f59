"""Finds texts that look like secrets."""

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote

# Keys of providers and clouds, web tokens, private keys, and passwords in addresses.
LOOKS_SECRET = re.compile(
    r"\bsk-[A-Za-z0-9_-]{16,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bAIza[\w-]{35}|\bxox[abprs]-[\w-]{10,}|\bglpat-[\w-]{20,}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+"
    r"|\b[a-z][a-z0-9+.-]*://[^\s:/@\"']+:[^\s/@\"']+@"
)
REDACTED = "REDACTED"
SHORTEST = 8  # length of base64 that occurs in no text by chance
URL_SAFE = str.maketrans("+/", "-_")
HEADERS = frozenset(
    {
        *("authorization", "proxy-authorization", "api-key", "x-api-key", "cookie", "set-cookie"),
        *("openai-organization", "openai-project"),
    }
)


# Words of names whose values are secrets: of headers, of a query's parts, of JSON's properties.
SECRET_WORDS = frozenset(
    {"authorization", "cookie", "password", "passwd", "secret", "apikey", "sig", "signature"}
)
KEYS = frozenset({"api", "access", "auth", "secret", "private", "subscription"})  # before `key`
WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


def names_secret(name: str) -> bool:
    """Whether a value with this name is a secret: `x-api-key`, `accessToken`, `client_secret`; not `prompt_cache_key`."""
    words = [word.lower() for word in WORD.findall(name)]
    if name.lower() in HEADERS or not SECRET_WORDS.isdisjoint(words):
        return True
    return words[-1:] == ["token"] or (words[-1:] == ["key"] and not KEYS.isdisjoint(words[:-1]))


def forms(secret: str) -> Iterator[str]:
    """The forms of a secret in a text: as it is, in an address, in base64 at any offset, in hexadecimal digits."""
    raw = secret.encode()
    if not raw:
        return
    yield secret
    yield quote(secret, safe="")
    yield raw.hex()
    yield raw.hex().upper()
    for before in range(3):
        encoded = base64.b64encode(b"-" * before + raw).decode()
        whole = 4 * ((before + len(raw)) // 3)  # the last characters depend on the text that follows
        form = encoded[-(-before * 4 // 3) : whole]
        if len(form) >= SHORTEST:
            yield form
            yield form.translate(URL_SAFE)


def redacted(text: str, *known: str) -> str:
    """A text without texts that look like secrets.

    Args:
        text: any.
        known: secrets that need not look like one.
    """
    for secret in known:
        text = text.replace(secret, REDACTED) if secret else text
    return LOOKS_SECRET.sub(REDACTED, text)
