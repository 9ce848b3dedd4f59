"""Gives a model an example for the OpenAPI page."""

from typing import Any

from pydantic import ConfigDict

ID = "7d0f5c1e-8b7a-4a57-9d3c-2f6f1f0e5a11"
AT = "2026-01-01T12:00:00Z"


def example(**fields: Any) -> ConfigDict:
    """The configuration of a response model with this example; combine it with another by `|`."""
    return ConfigDict(json_schema_extra={"examples": [fields]})
