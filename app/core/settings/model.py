"""Every variable a deployment may set: its meaning and its default."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, SecretStr, field_validator

from app.core.settings import values
from app.core.urls import normalise_database_url, normalise_redis_url
from app.roadmaps.states import LONGEST_LEASE_SECONDS, LONGEST_PAUSE_SECONDS
from app.roles import BEAT_SECONDS, ROLES, Role

LONGEST_REST_SECONDS = 120  # as in the SDK: a call gives up if the provider asks it to wait longer
DATABASES_SHARE = 0.2  # of an attempt's time beside a call


class Settings(BaseModel):
    """The environment of one role, checked. Each field is the variable of the same name in capitals."""

    # Infinity and NaN are mistakes: nothing waits without an end, and every price is a number.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)

    service_type: str = Field(description="The role this process plays.")
    environment: Literal["development", "staging", "production"] = Field(
        "production", description="`production` refuses weak secrets, open Flower and unverified TLS."
    )
    debug: bool = Field(False, description="Log at debug level. Refused in production.")

    host: str = Field(
        "0.0.0.0",
        description="Address the API listens on; `::` for IPv6 and IPv4, as an IPv6-only network needs it.",
    )
    port: int = Field(8000, ge=1, le=65535, description="Port the API listens on; Railway sets it.")
    uvicorn_workers: int = Field(4, ge=1, le=64, description="API processes: the tier's first column.")

    database_url: Annotated[str, AfterValidator(normalise_database_url)] = Field(
        "",
        repr=False,
        description="PostgreSQL, `postgresql://...`; `sslmode` and `sslrootcert` are understood.",
    )
    database_ca_certificate: str = Field(
        "", description="The authority that `sslmode=verify-full` trusts, in PEM form, instead of a file."
    )
    database_pool_size: int = Field(5, ge=1, le=100, description="Connections a process may hold.")
    database_wait_seconds: float = Field(
        60, gt=0, description="How long the API waits at its start for a database that does not answer."
    )
    redis_url: Annotated[str, AfterValidator(normalise_redis_url)] = Field(
        "", repr=False, description="Redis, `rediss://...` (verified) or `redis://...` on a private network."
    )

    jwt_secret_key: SecretStr = Field(SecretStr(""), description="Signs access tokens; 32 bytes or more.")
    jwt_previous_secret_key: SecretStr = Field(
        SecretStr(""),
        description="The previous key, while the key is changed: its tokens stay valid until this variable is removed.",
    )
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = Field(
        "HS256", description="Algorithm of access tokens."
    )
    access_token_expire_minutes: int = Field(
        43200, ge=1, le=52_560_000, description="Life of an access token."
    )
    refresh_token_expire_days: float = Field(
        30,
        gt=0,
        le=36_500,
        description="Life of a refresh token; each is valid once and is exchanged for the next one.",
    )
    registration: Literal["open", "invite", "closed"] = Field(
        "open",
        description="Who may make an account: everybody, people with an administrator's invitation, or nobody.",
    )
    password_hash_memory_mib: int = Field(
        64,
        ge=1,
        le=1024,
        description="Memory that a process uses to hash a password, one at a time (argon2id, RFC 9106); production refuses less than 19.",
    )
    login_attempts_per_minute: int = Field(
        10,
        ge=1,
        description="Attempts at one account from one address. From all addresses that are new to the account together: ten times as many. From one "
        "address at all accounts: three times, and from an IPv6 network (/48) thirty times; in these larger limits only wrong ones count. Changes of the password: as many from all addresses together.",
    )
    logins_per_hour: int = Field(
        100,
        ge=1,
        description="Successful logins of one account, from all addresses together; and as many changes of its password.",
    )
    registrations_per_hour: int = Field(
        100,
        ge=1,
        description="Attempts to make an account from one address, whatever their result; from all addresses of one IPv6 network (/48) ten "
        "times as many.",
    )
    login_address_retention_days: float = Field(
        90,
        ge=0,
        le=36_500,
        description="Days after its last login at which an account's known address is forgotten; 0 keeps it.",
    )
    forwarded_allow_ips: str = Field(
        "127.0.0.1,::1,100.64.0.0/10",
        description="Proxies whose `X-Forwarded-For` says where a request comes from: addresses and networks, with commas between. "
        "Railway's edge comes from the last of these.",
    )
    admin_email: EmailStr | None = Field(
        None, description="The administrator's e-mail; a change takes effect at the next start."
    )
    admin_password: SecretStr = Field(
        SecretStr(""),
        description="The administrator's password, 12 characters or more; a change takes effect at the next start, and ends the account's sessions.",
    )
    admin_username: str = Field(
        "admin", min_length=3, max_length=40, description="The administrator's user name."
    )

    openai_api_key: SecretStr = Field(SecretStr(""), description="Key of the content provider.")
    openai_model: str = Field("gpt-4o-mini", description="Model that writes roadmaps.")
    openai_base_url: str = Field(
        "https://api.openai.com/v1",
        description="The provider, with `/v1`: calls go to `/chat/completions` behind it. Without a path most servers answer 404, and every roadmap "
        "fails with `http_404`.",
    )
    openai_response_format: Literal["auto", "json_schema", "json_object", "text"] = Field(
        "auto",
        description="How to ask for JSON; `auto` asks by a strict schema, and by less strict means if the provider refuses it.",
    )
    openai_max_concurrency: int = Field(4, ge=1, le=64, description="Calls at once for one roadmap.")
    openai_timeout_seconds: float = Field(
        60,
        gt=0,
        description="A call that takes longer is cut. A value above half of `GENERATION_TIMEOUT_SECONDS` is no error, and counts as that half.",
    )
    openai_circuit_failures: int = Field(
        5, ge=1, description="Failed calls in a row after which the provider counts as down."
    )
    openai_circuit_seconds: float = Field(
        10,
        gt=0,
        description="Pause between two calls to a provider that is down, one call at a time; at most half of `GENERATION_TIMEOUT_SECONDS`.",
    )
    openai_max_attempts: int = Field(3, ge=1, le=10, description="Calls for one step of one concept.")
    openai_max_output_tokens: int = Field(
        16_384,
        ge=256,
        le=1_000_000,
        description="Limit of one answer, sent with every call under the name that the model's family knows; never more than the model can write.",
    )
    openai_daily_budget_usd: float = Field(
        0, ge=0, description="US dollars that all users together may spend on a day (UTC); 0 for no limit."
    )
    openai_daily_budget_per_user_usd: float = Field(
        0, ge=0, description="US dollars that one user may spend on a day (UTC); 0 for no limit."
    )
    openai_prompt_price: float = Field(0.15, ge=0, description="US dollars a million prompt tokens.")
    openai_completion_price: float = Field(0.60, ge=0, description="US dollars a million completion tokens.")

    celery_logs_concurrency: int = Field(2, ge=1, le=64, description="Logs slots: the tier's second column.")
    celery_content_concurrency: int = Field(2, ge=1, le=64, description="Content slots: the third column.")
    celery_log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Of workers.")
    celery_polling_interval_seconds: float = Field(
        5,
        ge=1,
        le=30,
        description="How often an idle worker asks Redis for work, and how long it may take to stop; it delays no work.",
    )
    celery_heartbeat_interval_seconds: int = Field(
        8,
        ge=0,
        description="How often a worker tells Flower that it is online; 0 for never, where there is no Flower.",
    )
    celery_soft_shutdown_seconds: float = Field(
        20,
        ge=0,
        le=3600,
        description="Time in which a stopping worker may finish its work; the rest is handed back.",
    )

    logs_visibility_timeout_seconds: float = Field(
        60, ge=1, le=900, description="Time after which the events of a dead worker are handed out again."
    )
    celery_max_tasks_per_child: int | None = Field(
        None, ge=1, description="Tasks of a pool child; by default 100, of the logs worker 10000."
    )
    celery_max_memory_per_child_kb: int = Field(
        400_000,
        ge=1,
        description="Memory of a pool child, in kilobytes, above which it is replaced after its task.",
    )

    lease_seconds: float = Field(
        60,
        ge=1,
        le=LONGEST_LEASE_SECONDS,
        description="Time of silence after which a worker loses its roadmap.",
    )
    generation_max_attempts: int = Field(
        3,
        ge=1,
        le=10,
        description="Attempts at one roadmap before it fails. An attempt that finished a call does not count, unless its worker died.",
    )
    generation_timeout_seconds: float = Field(
        280, gt=0, le=600, description="Time of one attempt; the next attempt continues its work."
    )
    max_roadmaps_in_the_making: int = Field(
        20, ge=1, description="Unfinished roadmaps of one user; more are refused with 429."
    )
    max_event_streams: int = Field(
        20, ge=1, description="Open streams of one user over one API process; more are refused with 429."
    )
    max_retries: int = Field(20, ge=0, description="How often its owner may have one roadmap tried again.")
    dispatch_grace_seconds: float = Field(
        10,
        gt=0,
        le=LONGEST_PAUSE_SECONDS,
        description="Time after which a roadmap that no worker has claimed is published again.",
    )
    sweep_interval_seconds: float = Field(
        5, gt=0, le=LONGEST_PAUSE_SECONDS, description="How often an API process looks for such roadmaps."
    )
    log_retention_days: float = Field(
        90,
        ge=0,
        le=36_500,
        description="Days after a roadmap's end at which its execution log is removed; 0 keeps it. Roadmaps are always kept.",
    )
    presence_retention_hours: float = Field(
        24,
        ge=0,
        le=876_000,
        description="Hours after which a worker that is no longer seen, or the row of a canary task, is removed; 0 keeps them.",
    )

    worker_beat_seconds: float = Field(
        BEAT_SECONDS,
        gt=0,
        le=BEAT_SECONDS,
        description="How often a worker reports that it lives; after four missing reports it counts as gone.",
    )
    queue_stall_seconds: float = Field(
        20,
        gt=0,
        description="Time that work waits beside a free slot, while no worker takes any, after which the queue counts as stalled.",
    )

    max_body_bytes: int = Field(
        65_536, ge=1024, description="A request with a larger body is refused with 413."
    )
    max_request_seconds: float = Field(
        15,
        gt=0,
        description="Time for a request's head or body to arrive before it is cut off; an answer of which the client reads less than 16 KiB in that time is too.",
    )
    cors_origins: tuple[str, ...] = Field(
        (),
        description="Pages that a browser may read the API from, such as `https://app.example.com`, with commas between.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token that opens `/metrics`, 12 characters or more; without it there is no such page.",
    )

    otel_exporter_otlp_endpoint: str = Field(
        "",
        description="OpenTelemetry collector to which spans are sent by OTLP over HTTP, such as `http://collector:4318`; "
        "without it none are sent.",
    )
    otel_exporter_otlp_headers: SecretStr = Field(
        SecretStr(""),
        description="Headers for the collector, such as a key: `name=value`, with commas between.",
    )
    otel_service_name: str = Field(
        "",
        max_length=255,
        description="Name of the role's spans; by default `roadmap-` and its SERVICE_TYPE.",
    )

    also_run: tuple[str, ...] = Field(
        (), description="Roles that the API's service runs too, with commas between; refused in production."
    )
    railway_git_commit_sha: str = Field(
        "", description="The commit that is deployed, which `/health` shows; Railway sets it."
    )

    flower_port: int = Field(5555, ge=1, le=65535, description="Port Flower listens on.")
    flower_basic_auth: SecretStr = Field(SecretStr(""), description="`user:password` for Flower's pages.")

    _host = field_validator("host")(values.host)
    _origins = field_validator("cors_origins", mode="before")(values.origins)
    _key = field_validator("openai_api_key", "jwt_secret_key", "jwt_previous_secret_key", "metrics_token")(
        values.key
    )
    _key_of_a_header = field_validator("openai_api_key")(values.key_of_a_header)
    _one_login = field_validator("flower_basic_auth")(values.one_login)
    _provider = field_validator("openai_base_url")(values.provider)
    _collector = field_validator("otel_exporter_otlp_endpoint")(values.collector)
    _headers = field_validator("otel_exporter_otlp_headers")(values.headers)
    _proxies = field_validator("forwarded_allow_ips")(values.proxies)
    _certificate = field_validator("database_ca_certificate")(values.certificate)
    _named_roles = field_validator("also_run", mode="before")(values.named_roles)

    @property
    def call_seconds(self) -> float:
        """Seconds that one call to the provider may take: so few that each attempt finishes at least one call."""
        return min(self.openai_timeout_seconds, self.generation_timeout_seconds / 2)

    @property
    def longest_rest_seconds(self) -> float:
        """Seconds that the provider may ask us to wait: so few that an attempt that begins with the wait has time for a call."""
        left = self.generation_timeout_seconds - self.call_seconds
        return min(LONGEST_REST_SECONDS, left * (1 - DATABASES_SHARE))

    @property
    def role(self) -> Role:
        return ROLES[self.service_type]

    @property
    def production(self) -> bool:
        return self.environment == "production"
