"""Every variable a deployment may set: its meaning, its default, and what makes a role refuse to start.

The environment is read here and nowhere else, so that "documented" and "read" can be compared (docs/configuration.md
is the model as a table: `python -m app.core.settings`).
"""

from app.core.settings.doubtful import doubtful
from app.core.settings.environment import load_database_settings, load_settings, variables
from app.core.settings.error import SettingsError
from app.core.settings.fitting import LEAST_HASH_MIB, MAX_PASSWORD_LENGTH
from app.core.settings.model import Settings

__all__ = [
    "LEAST_HASH_MIB",
    "MAX_PASSWORD_LENGTH",
    "Settings",
    "SettingsError",
    "doubtful",
    "load_database_settings",
    "load_settings",
    "variables",
]
