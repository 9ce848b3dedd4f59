"""The API's operations from its own OpenAPI document, so that a test of every route includes future routes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scenarios.roadmaps.client import ApiClient

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/v1/roadmaps"): {"topic": "Rust"},
    ("POST", "/api/v1/auth/password"): {
        "current_password": "correct horse battery",
        "new_password": "wrong donkey accumulator",
    },
}
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Args:
        method: in capitals.
        path: with its parameters in braces.
        guarded: whether it needs a token.
    """

    method: str
    path: str
    guarded: bool

    @property
    def parameters(self) -> list[str]:
        """The names of its path's parameters."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def body(self) -> dict[str, Any] | None:
        """An example of its body, if it has one."""
        return BODIES.get((self.method, self.path))

    def at(self, **parameters: str) -> str:
        """Its address with these values for the parameters.

        Raises:
            KeyError: a parameter has no value.
        """
        return self.path.format_map(parameters)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations(api: ApiClient) -> list[Operation]:
    """Every operation of the document.

    Args:
        api: whose document is read.
    """
    return list(_read(api.expect(200, "GET", "/openapi.json").json()))


def _read(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(method.upper(), path, guarded=bool(item[method].get("security")))
