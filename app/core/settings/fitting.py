"""Finds values that are possible alone but not together, and values that only production refuses."""

import re
from collections.abc import Iterator, Mapping

from app.core.settings.model import Settings
from app.core.urls import proves_who_answers, verifies_tls

KEY_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}  # RFC 7518, section 3.2: at least the size of the hash
MIN_SECRET_BYTES = 32  # RFC 7518, section 3.2: an HS256 key has at least the size of the hash
LEAST_HASH_MIB = 19  # OWASP's Password Storage Cheat Sheet, for argon2id
MAX_PASSWORD_LENGTH = 200  # argon2 accepts any length, and a longer password takes longer
MIN_PASSWORD_LENGTH = 12
ATTEMPTS_SHARE_OF_A_WAIT = 0.5  # the other half is for one call
PLACEHOLDER = re.compile(r"your-|change-?me|secret-key|example|password|^admin", re.IGNORECASE)


def unfitting(settings: Settings) -> Iterator[tuple[str, str]]:
    """Values that are possible alone but not together. Every role refuses them, because one role will use them."""
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
    yield from _unpriced_budget(settings)
    if len(settings.admin_password.get_secret_value()) > MAX_PASSWORD_LENGTH:
        yield (
            "ADMIN_PASSWORD",
            f"is longer than {MAX_PASSWORD_LENGTH} characters, which no login takes: choose a shorter one",
        )
    if settings.database_ca_certificate and settings.database_url:
        if "ssl=verify-" not in settings.database_url:
            yield "DATABASE_CA_CERTIFICATE", "is for nothing: write sslmode=verify-full into DATABASE_URL"
        elif "sslrootcert=" in settings.database_url:
            yield (
                "DATABASE_CA_CERTIFICATE",
                "stands beside sslrootcert in DATABASE_URL: leave one of them out",
            )


def _unpriced_budget(settings: Settings) -> Iterator[tuple[str, str]]:
    """A budget needs the prices of its model: without them, or with another model's, it limits nothing. Set the prices even if they are the same."""
    prices = "openai_prompt_price", "openai_completion_price"
    free = not any(getattr(settings, price) for price in prices)
    other = settings.openai_model != Settings.model_fields["openai_model"].default
    if free or (other and not settings.model_fields_set.issuperset(prices)):
        what = "of 0" if free else "of another model"
        for budget in ("openai_daily_budget_usd", "openai_daily_budget_per_user_usd"):
            if getattr(settings, budget):
                yield (
                    budget.upper(),
                    f"would be counted by prices {what}: give those of OPENAI_MODEL as {' and '.join(price.upper() for price in prices)}",
                )


def _short_key(settings: Settings) -> Iterator[tuple[str, str]]:
    """A key that is too short for its hash: a longer hash over a short key is no stronger, though it looks so."""
    needed = KEY_BYTES[settings.jwt_algorithm]
    for variable, secret in (
        ("JWT_SECRET_KEY", settings.jwt_secret_key),
        ("JWT_PREVIOUS_SECRET_KEY", settings.jwt_previous_secret_key),
    ):
        key = secret.get_secret_value()
        if not key or settings.jwt_algorithm == "HS256" or len(key.encode()) >= needed:
            continue
        yield (
            variable,
            f"is too short for {settings.jwt_algorithm}: use {needed} random bytes or more, or JWT_ALGORITHM=HS256",
        )


def unsafe(settings: Settings, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Values that only production refuses. Variables of other roles are checked too, because some role will use them."""
    if settings.debug:
        yield "DEBUG", "must be false in production"
    if settings.also_run:
        yield "ALSO_RUN", "is for development: in production every role has a service of its own"
    if settings.password_hash_memory_mib < LEAST_HASH_MIB:
        yield (
            "PASSWORD_HASH_MEMORY_MIB",
            f"makes passwords cheap to guess: use {LEAST_HASH_MIB} or more, or leave it out",
        )
    yield from _weak(given)
    if settings.redis_url and not verifies_tls(settings.redis_url):
        yield (
            "REDIS_URL",
            "turns certificate verification off: use ssl_cert_reqs=required"
            if settings.redis_url.startswith("rediss:")
            else "leaves the private network unencrypted: write rediss://, or use the private address",
        )
    if settings.database_url and not proves_who_answers(settings.database_url):
        yield (
            "DATABASE_URL",
            "leaves the private network and does not verify who answers: add sslmode=verify-full, or use the private address",
        )
    if settings.service_type == "flower" and _open_flower(given.get("FLOWER_BASIC_AUTH", "")):
        problem = (
            f"must be user:password, the latter no default and of {MIN_PASSWORD_LENGTH} characters or more"
        )
        yield "FLOWER_BASIC_AUTH", f"{problem}: else Flower's pages are open to everybody"


def _weak(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Secrets that can be guessed."""
    for variable in ("JWT_SECRET_KEY", "JWT_PREVIOUS_SECRET_KEY"):
        if variable in given and _weak_secret(given[variable]):
            yield variable, f"is weak: use {MIN_SECRET_BYTES} random bytes or more (openssl rand -hex 32)"
    for variable in ("ADMIN_PASSWORD", "METRICS_TOKEN"):  # guesses at METRICS_TOKEN are not counted
        if variable in given and _weak_password(given[variable]):
            yield variable, f"is a default or shorter than {MIN_PASSWORD_LENGTH} characters: choose another"


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
