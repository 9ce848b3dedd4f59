"""The environment of a process, read here and nowhere else."""

import os
from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from app.core.settings.error import SettingsError
from app.core.settings.fitting import unfitting, unsafe
from app.core.settings.model import Settings
from app.roles import ROLES

UNRESOLVED_REFERENCE = "${{"


def variables() -> list[str]:
    """The names of all variables, in the order of the declaration."""
    return [name.upper() for name in Settings.model_fields]


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Check the environment and return it typed.

    Args:
        environ: the variables; this process's own by default.

    Raises:
        SettingsError: with every problem found, not only the first.
    """
    environ = os.environ if environ is None else environ
    given = {name: environ[name] for name in variables() if name in environ}
    problems = dict(_unusable(given)) or dict(_unknown_role(given))
    if problems:
        raise SettingsError(problems)
    role = ROLES[given["SERVICE_TYPE"]]
    problems = {
        name: f"is missing: the role {role.service_type} needs it"
        for name in role.requires
        if name not in given
    }
    settings = _typed(given, problems)
    problems |= dict(unfitting(settings))
    if settings.production:
        problems |= dict(unsafe(settings, given))
    if problems:
        raise SettingsError(problems)
    return settings


def load_database_settings(name: str, environ: Mapping[str, str] | None = None) -> Settings:
    """Check and return the settings of a command that needs only the database and may run anywhere.

    Args:
        name: of the command, for its sessions in pg_stat_activity.
        environ: the variables; this process's own by default.

    Raises:
        SettingsError: with every problem found.
    """
    environ = os.environ if environ is None else environ
    read = ("DATABASE_URL", "DATABASE_CA_CERTIFICATE", "DATABASE_WAIT_SECONDS")
    given = {variable: environ[variable] for variable in read if variable in environ}
    problems = dict(_unusable(given))
    if "DATABASE_URL" not in given:
        problems["DATABASE_URL"] = "is missing: write such as postgresql://host:5432/railway"
    if problems:
        raise SettingsError(problems)
    settings = _typed({"SERVICE_TYPE": name, **given}, {})
    if problems := dict(unfitting(settings)):
        raise SettingsError(problems)
    return settings


def _typed(given: Mapping[str, str], problems: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate({name.lower(): value for name, value in given.items()})
    except ValidationError as error:
        invalid = {str(e["loc"][0]).upper(): _said(e["msg"]) for e in error.errors(include_input=False)}
        raise SettingsError({**problems, **invalid}) from None


def _said(message: str) -> str:
    return "is invalid: " + message.removeprefix("Value error, ")


def _unusable(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        if not _is_text(value):
            yield (
                name,
                "holds bytes that are not of UTF-8: give it as text, a key such as openssl rand -hex 32 makes it",
            )
        elif not value.strip():
            yield name, "is empty: give it a value or remove it"
        elif UNRESOLVED_REFERENCE in value:
            yield name, "holds a reference that was not resolved: check the service's and the variable's name"


def _is_text(value: str) -> bool:
    """Whether a value is valid text. Python keeps an undecodable byte of the environment as a lone surrogate, which cannot be written."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unknown_role(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if given.get("SERVICE_TYPE") not in ROLES:
        state = "is unknown" if "SERVICE_TYPE" in given else "is not set"
        yield "SERVICE_TYPE", f"{state}: it must be one of {', '.join(ROLES)}"
