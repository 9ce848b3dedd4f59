"""The settings as a document."""

from pydantic import SecretStr

from app.core.settings.model import Settings
from app.roles import ROLES


def configuration_table() -> str:
    """docs/configuration.md: every variable, who needs it, its default and its meaning."""
    lines = [
        "# Configuration",
        "",
        "Made from `app/core/settings/model.py` by `python -m app.core.settings > docs/configuration.md`.",
        "",
        "| variable | needed by | default | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        variable = name.upper()
        needed = ", ".join(r.service_type for r in ROLES.values() if variable in r.requires)
        if field.is_required():
            needed = "every role"
        shown = (
            ""
            if field.is_required() or field.default in (None, "", (), SecretStr(""))
            else f"`{field.default}`"
        )
        lines.append(f"| `{variable}` | {needed} | {shown} | {field.description} |")
    return "\n".join(lines)
