"""An author as an application would hand in: knows the prompts of one schema."""

from typing import Any


def write(schema_name: str, message: str, seed: int) -> dict[str, Any] | None:
    """An answer about what was asked; see harness.providers.openai.author."""
    if schema_name == "broken":
        raise LookupError("no such topic")
    if schema_name != "intent_analysis":
        return None
    return {"goal": f"Learn {message}", "level": "beginner", "focus": ["practice"], "weeks": 4 + seed}
