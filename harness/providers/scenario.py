"""Everything a scenario may say of the provider, as one document: in TOML for people, in JSON on the wire."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Self

import msgspec

from harness.providers.latency import Delay
from harness.providers.limits import Limits
from harness.providers.script import Rule


class ScenarioError(Exception):
    """The file is no valid scenario; says where and why."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a provider behaves. Each kind defines its limits and rules, and which calls may be unscripted.

    Args:
        seed: of everything that is made up: content, ids, waits. None for the server's own.
        speed: every wait is divided by it.
        unscripted: which calls without a rule are answered: `anything` or `nothing`. A call that has no answer is refused with
            501, and recorded as unmatched.
        latency: seconds until every answer begins.
        between: seconds between two chunks, likewise.
        limits: rate limits.
        rules: in order; the first that fits and has a step left decides.
    """

    seed: int | None = None
    speed: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    unscripted: str = "anything"
    latency: float | Delay = 0.0
    between: float | Delay = 0.0
    limits: Limits = Limits()
    rules: tuple[Rule, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a scenario from TOML.

        Args:
            path: of the file; a wait may name another with `{ file = "waits.txt" }`, one number of seconds a line, beside it.

        Raises:
            ScenarioError: it cannot be read; names the file and the place in it.
        """
        try:
            document = _with_values(tomllib.loads(path.read_text(encoding="utf-8")), path.parent)
            return msgspec.convert(document, cls, strict=True)
        except (OSError, ValueError) as error:  # msgspec's and tomllib's errors are ValueErrors
            raise ScenarioError(f"{path}: {error}") from None


def _with_values(node: Any, folder: Path) -> Any:
    """The document, with file names of recorded waits replaced by the waits."""
    if isinstance(node, list):
        return [_with_values(item, folder) for item in node]
    if not isinstance(node, dict):
        return node
    found = {name: _with_values(value, folder) for name, value in node.items()}
    for name in ("latency", "between"):
        wait = found.get(name)
        if isinstance(wait, dict) and set(wait) == {"file"}:
            lines = (folder / str(wait["file"])).read_text(encoding="utf-8").split()
            found[name] = {"values": [float(line) for line in lines]}
    return found
