"""Removes secrets from text that people keep and pass on."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from urllib.parse import quote, unquote, urlsplit

# Texts that are secret by their form: bearer tokens (RFC 7519) and password hashes (PHC format).
HASH = "password hash"
PAIR = re.compile(r"[\w.-]+:\S{8,}")  # a pair as in basic authentication: the name alone is no secret
FORMS = {
    "token": re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"),
    HASH: re.compile(r"\$argon2\w*\$[\w$=,+/.-]+"),
}
BEGINS = {
    "token": "eyJ",
    HASH: "$argon2",
}  # of each form: to look for this first takes a hundredth of the time


class Redactor:
    """Puts a secret's name in the place of its value.

    Args:
        secrets: name -> value. Of an URL only the password is secret.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        names = {form: name for name, value in secrets.items() for form in secret_forms(value)}
        # The longest first: one secret may contain another.
        self._names = {form: names[form] for form in sorted(names, key=len, reverse=True)}
        self._values = re.compile("|".join(map(re.escape, self._names))) if self._names else None

    def clean(self, text: str) -> str:
        """The text without any of the secrets."""
        return self.cleaned(text)[0]

    def cleaned(self, text: str) -> tuple[str, dict[str, int]]:
        """The text without any of the secrets, and how often each was there, by its name."""
        found: Counter[str] = Counter()

        def named(match: re.Match[str]) -> str:
            name = self._names[match[0]]
            found[name] += 1
            return f"<{name}>"

        if self._values is not None:
            text = self._values.sub(named, text)
        for name, form in FORMS.items():
            if BEGINS[name] in text:
                text, times = form.subn(f"<{name}>", text)
                found[name] += times
        return text, {name: times for name, times in found.items() if times}


@cache
def secret_forms(value: str) -> frozenset[str]:
    """The texts to hide: the secret as it is, and as it is written in a URL or in JSON.

    Of a URL only the password is secret; of a pair of user and password also the password alone.

    Args:
        value: of a secret.
    """
    password = (urlsplit(value).password or "") if "://" in value else value
    plain = {password, unquote(password)}
    plain |= {part.partition(":")[2] for part in plain if PAIR.fullmatch(part)}
    written = {form for part in plain for form in (quote(part, safe=""), quote(part), json.dumps(part)[1:-1])}
    return frozenset((plain | written) - {""})
