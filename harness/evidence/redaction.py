"""Take secrets out of text that people keep and pass on."""

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

# What is secret by its form, wherever it comes from: our bearer tokens (RFC 7519) and password hashes (PHC format).
FORMS = {
    "token": re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"),
    "password hash": re.compile(r"\$argon2\w*\$[\w$=,+/.-]+"),
}


class Redactor:
    """Puts a secret's name in the place of its value.

    Args:
        secrets: name -> value. Of an URL only the password is secret.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        names = {form: name for name, value in secrets.items() for form in _secret_forms(value)}
        # One may hold another.
        self._names = {form: names[form] for form in sorted(names, key=len, reverse=True)}
        self._values = re.compile("|".join(map(re.escape, self._names))) if self._names else None

    def clean(self, text: str) -> str:
        """The text without any of the secrets."""
        if self._values is not None:
            text = self._values.sub(lambda match: f"<{self._names[match[0]]}>", text)
        for name, form in FORMS.items():
            text = form.sub(f"<{name}>", text)
        return text


def _secret_forms(value: str) -> set[str]:
    """What must not be read; of an URL, the password as it is and as it is written there."""
    password = (urlsplit(value).password or "") if "://" in value else value
    return {password, unquote(password)} - {""}
