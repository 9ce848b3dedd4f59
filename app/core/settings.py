"""Every variable a deployment may set: its meaning, its default, and what makes a role refuse to start.

The environment is read here and nowhere else, so that "documented" and "read" can be compared (docs/configuration.md
is this file as a table: `python -m app.core.settings`).
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

from app.core.urls import normalise_database_url, normalise_redis_url, verifies_tls
from app.roadmaps.states import LONGEST_LEASE_SECONDS, LONGEST_PAUSE_SECONDS
from app.roles import BEAT_SECONDS, ROLES, Role

UNRESOLVED_REFERENCE = "${{"
KEY_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}  # RFC 7518, section 3.2: at least the size of the hash
MIN_SECRET_BYTES = 32  # RFC 7518, section 3.2: an HS256 key has at least the size of the hash
MIN_PASSWORD_LENGTH = 12
LONGEST_REST_SECONDS = 120  # as in the SDK: whoever the provider asks to wait longer gives up
ATTEMPTS_SHARE_OF_A_WAIT = 0.5  # the other half is for a call
DATABASES_SHARE = 0.2  # of what an attempt has left beside a call
PLACEHOLDER = re.compile(r"your-|change-?me|secret-key|example|password|^admin", re.IGNORECASE)


class SettingsError(Exception):
    """The environment does not let a role start.

    Args:
        problems: variable -> what is wrong with it and what to do; never a value.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{variable} {problem}" for variable, problem in problems.items()))


class Settings(BaseModel):
    """The environment of one role, checked. Each field is the variable of the same name in capitals."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False
    )  # what waits for ever, or costs no number, is a slip of the pen

    service_type: str = Field(description="The role this process plays.")
    environment: Literal["development", "staging", "production"] = Field(
        "production", description="`production` refuses weak secrets, open Flower and unverified TLS."
    )
    debug: bool = Field(False, description="Log at debug level. Refused in production.")

    host: str = Field("0.0.0.0", description="Address the API listens on; `::` for an IPv6-only network.")
    port: int = Field(8000, ge=1, le=65535, description="Port the API listens on; Railway sets it.")
    uvicorn_workers: int = Field(4, ge=1, le=64, description="API processes: the tier's first column.")

    database_url: Annotated[str, AfterValidator(normalise_database_url)] = Field(
        "", repr=False, description="PostgreSQL, `postgresql://...`; `sslmode` is understood."
    )
    database_pool_size: int = Field(5, ge=1, le=100, description="Connections a process may hold.")
    database_wait_seconds: float = Field(
        60, gt=0, description="How long the API waits at its start for a database that does not answer."
    )
    redis_url: Annotated[str, AfterValidator(normalise_redis_url)] = Field(
        "", repr=False, description="Redis, `rediss://...` (verified) or `redis://...` on a private network."
    )

    jwt_secret_key: SecretStr = Field(SecretStr(""), description="Signs access tokens; 32 bytes or more.")
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = Field("HS256", description="Of access tokens.")
    access_token_expire_minutes: int = Field(
        43200, ge=1, le=52_560_000, description="Life of an access token."
    )
    login_attempts_per_minute: int = Field(10, ge=1, description="Of one account, over all processes.")
    admin_email: EmailStr | None = Field(None, description="The administrator made at the first start.")
    admin_password: SecretStr = Field(SecretStr(""), description="Its password, 12 characters or more.")
    admin_username: str = Field("admin", min_length=3, max_length=40, description="Its name.")

    openai_api_key: SecretStr = Field(SecretStr(""), description="Key of the content provider.")
    openai_model: str = Field("gpt-4o-mini", description="Model that writes roadmaps.")
    openai_base_url: str = Field("https://api.openai.com/v1", description="The provider, with `/v1`.")
    openai_max_concurrency: int = Field(4, ge=1, le=64, description="Calls at once for one roadmap.")
    openai_timeout_seconds: float = Field(
        60,
        gt=0,
        description="A call that takes longer is cut; never longer than half of `GENERATION_TIMEOUT_SECONDS`.",
    )
    openai_circuit_failures: int = Field(
        5, ge=1, description="So many failures in a row, of any calls, mean that the provider is down."
    )
    openai_circuit_seconds: float = Field(
        10,
        gt=0,
        description="A provider that is down is asked once in so long, and not by everybody; at most half of `GENERATION_TIMEOUT_SECONDS`.",
    )
    openai_max_attempts: int = Field(3, ge=1, le=10, description="Calls for one step of one concept.")
    openai_prompt_price: float = Field(0.15, ge=0, description="US dollars a million prompt tokens.")
    openai_completion_price: float = Field(0.60, ge=0, description="US dollars a million completion tokens.")

    celery_logs_concurrency: int = Field(2, ge=1, le=64, description="Logs slots: the tier's second column.")
    celery_content_concurrency: int = Field(2, ge=1, le=64, description="Content slots: the third column.")
    celery_log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Of workers.")
    celery_polling_interval_seconds: float = Field(
        5,
        ge=1,
        le=30,
        description="An idle worker asks Redis for work so often, and may take so long to stop; work waits for neither.",
    )
    celery_heartbeat_interval_seconds: int = Field(
        8,
        ge=0,
        description="How often a worker tells Flower that it is online; 0 for never, where there is no Flower.",
    )
    celery_soft_shutdown_seconds: float = Field(
        20, ge=0, le=3600, description="What a stopping worker may still finish; the rest is handed back."
    )

    logs_visibility_timeout_seconds: float = Field(
        60, ge=1, le=900, description="Events that died with their worker are handed out again after so long."
    )
    celery_max_tasks_per_child: int | None = Field(
        None, ge=1, description="Tasks of a pool child; by default 100, of the logs worker 10000."
    )
    celery_max_memory_per_child_kb: int = Field(
        400_000, ge=1, description="A pool child that has grown so large gives way after its task."
    )

    lease_seconds: float = Field(
        60,
        ge=1,
        le=LONGEST_LEASE_SECONDS,
        description="A worker silent for so long has lost its roadmap.",
    )
    generation_max_attempts: int = Field(
        3,
        ge=1,
        le=10,
        description="Attempts at one roadmap before it fails. One in which a call came to its end does not count, unless its worker died.",
    )
    generation_timeout_seconds: float = Field(
        280, gt=0, le=600, description="Of one attempt; another one goes on where it ended."
    )
    max_roadmaps_in_the_making: int = Field(20, ge=1, description="Of one user; more are refused with 429.")
    dispatch_grace_seconds: float = Field(
        10,
        gt=0,
        le=LONGEST_PAUSE_SECONDS,
        description="A roadmap that nobody claimed for so long is published again.",
    )
    sweep_interval_seconds: float = Field(
        5, gt=0, le=LONGEST_PAUSE_SECONDS, description="How often an API process looks for such roadmaps."
    )
    log_retention_days: float = Field(
        90,
        ge=0,
        le=36_500,
        description="A roadmap's execution log is removed so many days after its end; 0 keeps it, and roadmaps are always kept.",
    )
    presence_retention_hours: float = Field(
        24,
        ge=0,
        le=876_000,
        description="A worker that was last seen, or a canary that was sung, so many hours ago is forgotten; 0 keeps them.",
    )

    worker_beat_seconds: float = Field(
        BEAT_SECONDS,
        gt=0,
        le=BEAT_SECONDS,
        description="How often a worker says that it lives; after four it is missed.",
    )
    queue_stall_seconds: float = Field(
        20,
        gt=0,
        description="Work that waits for so long beside a free slot, while no worker takes any: the queue is stalled.",
    )

    max_body_bytes: int = Field(
        65_536, ge=1024, description="A request with a larger body is refused with 413."
    )
    max_request_seconds: float = Field(
        15, gt=0, description="A request whose head or body takes longer to come is cut off."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Opens `/metrics` to who sends it as bearer token; without it there is no such page.",
    )

    also_run: tuple[str, ...] = Field(
        (), description="Roles that the API's service runs too, with commas between; refused in production."
    )
    railway_git_commit_sha: str = Field(
        "", description="The commit that is deployed, which `/health` shows; Railway sets it."
    )

    flower_port: int = Field(5555, ge=1, le=65535, description="Port Flower listens on.")
    flower_basic_auth: SecretStr = Field(SecretStr(""), description="`user:password` for Flower's pages.")

    @field_validator("also_run", mode="before")
    @classmethod
    def _named_roles(cls, value: object) -> tuple[str, ...]:
        names = tuple(name.strip() for name in value.split(",")) if isinstance(value, str) else ()
        possible = [name for name in ROLES if name != "api"]
        for name in names:
            if name not in possible:
                raise ValueError(f"names no role that the API's service could run too: {', '.join(possible)}")
        return names

    @property
    def call_seconds(self) -> float:
        """What one call to the provider may take: so little that in each attempt at least one comes to its end."""
        return min(self.openai_timeout_seconds, self.generation_timeout_seconds / 2)

    @property
    def longest_rest_seconds(self) -> float:
        """What the provider may ask us to wait: so little that the attempt which begins with it has time for a call, too."""
        left = self.generation_timeout_seconds - self.call_seconds
        return min(LONGEST_REST_SECONDS, left * (1 - DATABASES_SHARE))

    @property
    def role(self) -> Role:
        return ROLES[self.service_type]

    @property
    def production(self) -> bool:
        return self.environment == "production"


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
    try:
        settings = Settings.model_validate({name.lower(): value for name, value in given.items()})
    except ValidationError as error:
        invalid = {str(e["loc"][0]).upper(): _said(e["msg"]) for e in error.errors(include_input=False)}
        raise SettingsError(problems | invalid) from None
    problems |= dict(_unfitting(settings))
    if settings.production:
        problems |= dict(_unsafe(settings, given))
    if problems:
        raise SettingsError(problems)
    return settings


def _said(message: str) -> str:
    return "is invalid: " + message.removeprefix("Value error, ")


def _unusable(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        if not value.strip():
            yield name, "is empty: give it a value or remove it"
        elif UNRESOLVED_REFERENCE in value:
            yield name, "holds a reference that was not resolved: check the service's and the variable's name"


def _unknown_role(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if given.get("SERVICE_TYPE") not in ROLES:
        state = "is unknown" if "SERVICE_TYPE" in given else "is not set"
        yield "SERVICE_TYPE", f"{state}: it must be one of {', '.join(ROLES)}"


def _unfitting(settings: Settings) -> Iterator[tuple[str, str]]:
    """Values that are each possible, and not together. Every role refuses them: they are meant for one of them."""
    longest = ATTEMPTS_SHARE_OF_A_WAIT * settings.generation_timeout_seconds
    if settings.openai_circuit_seconds > longest:
        problem = (
            f"does not fit into an attempt: at most half of GENERATION_TIMEOUT_SECONDS, which is {longest:g}"
        )
        yield (
            "OPENAI_CIRCUIT_SECONDS",
            f"{problem}; else attempts are used up by waiting for a provider that was down once",
        )
    yield from _short_key(settings)


def _short_key(settings: Settings) -> Iterator[tuple[str, str]]:
    """A longer hash over a shorter key is no stronger, and somebody believes it is."""
    key, needed = settings.jwt_secret_key.get_secret_value(), KEY_BYTES[settings.jwt_algorithm]
    if key and settings.jwt_algorithm != "HS256" and len(key.encode()) < needed:
        yield (
            "JWT_SECRET_KEY",
            f"is too short for {settings.jwt_algorithm}: use {needed} random bytes or more, or JWT_ALGORITHM=HS256",
        )


def _unsafe(settings: Settings, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What only production refuses. A variable set for another role is judged too: it is meant to be used somewhere."""
    if settings.debug:
        yield "DEBUG", "must be false in production"
    if settings.also_run:
        yield "ALSO_RUN", "is for development: in production every role has a service of its own"
    if "JWT_SECRET_KEY" in given and _weak_secret(given["JWT_SECRET_KEY"]):
        yield "JWT_SECRET_KEY", f"is weak: use {MIN_SECRET_BYTES} random bytes or more (openssl rand -hex 32)"
    if "ADMIN_PASSWORD" in given and _weak_password(given["ADMIN_PASSWORD"]):
        yield (
            "ADMIN_PASSWORD",
            f"is a default or shorter than {MIN_PASSWORD_LENGTH} characters: choose another",
        )
    if settings.redis_url and not verifies_tls(settings.redis_url):
        yield "REDIS_URL", "turns certificate verification off: use ssl_cert_reqs=required"
    if settings.service_type == "flower" and _open_flower(given.get("FLOWER_BASIC_AUTH", "")):
        problem = (
            f"must be user:password, the latter no default and of {MIN_PASSWORD_LENGTH} characters or more"
        )
        yield "FLOWER_BASIC_AUTH", f"{problem}: else Flower's pages are open to everybody"


def _weak_secret(value: str) -> bool:
    few_characters = 10
    return (
        len(value.encode()) < MIN_SECRET_BYTES
        or len(set(value)) < few_characters
        or bool(PLACEHOLDER.search(value))
    )


def _open_flower(value: str) -> bool:
    user, _, password = value.partition(":")
    return not user or _weak_password(password)


def _weak_password(value: str) -> bool:
    return len(value) < MIN_PASSWORD_LENGTH or bool(PLACEHOLDER.search(value))


def configuration_table() -> str:
    """docs/configuration.md: every variable, who needs it, its default and its meaning."""
    lines = [
        "# Configuration",
        "",
        "Made from `app/core/settings.py` by `python -m app.core.settings > docs/configuration.md`.",
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


if __name__ == "__main__":
    print(configuration_table())  # noqa: T201
