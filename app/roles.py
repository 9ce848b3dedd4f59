"""The one declaration of the roles, which the entrypoint, the deployment files and the harness read.

Standard library only, so that the smallest tool can import it.
"""

import enum
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

BEAT_SECONDS = 5  # a worker reports at least so often that it consumes
STALE_BEATS = 4  # a worker without so many reports counts as gone
STALE_SECONDS = BEAT_SECONDS * STALE_BEATS


class Ready(enum.Enum):
    """The proof that a role does its work; a live process or a log line is no proof."""

    HTTP = "its health route answers 200"
    CANARY = "a canary task has come back from each of its queues"


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a command that takes the value of a setting, unless that is 0.

    Args:
        word: the option.
        variable: the setting that is its value.
        otherwise: word instead if the setting is 0.
    """

    word: str
    variable: str
    otherwise: str

    def argv(self, settings: Mapping[str, object]) -> list[str]:
        """The words of the command line.

        Raises:
            KeyError: there is no such setting.
        """
        value = settings[self.variable]
        return [self.word, str(value)] if value else [self.otherwise]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One value of SERVICE_TYPE.

    Args:
        service_type: the value of SERVICE_TYPE.
        banner: the line by which an operator finds the role in the logs.
        command: argv; `{VARIABLE}` is replaced by the setting of that name.
        options: of the command, at its end.
        ready: the proof that it is ready.
        ready_path: the route that answers 200 once it is ready, for `Ready.HTTP`.
        concurrency: the variable with its column of the concurrency table.
        requires: settings without which it refuses to start; all others have a default.
        queues: the Celery queues it consumes.
        task_modules: the modules with its tasks, imported by this role only.
        tasks_per_child: tasks after which a pool child is replaced, unless the settings say otherwise.
        migrates: whether it migrates the database to the newest schema before it starts.
        awaits_schema: whether it waits, before it starts, for another role's migration.
        environment: variables of the programs it runs, not of ours.
    """

    service_type: str
    banner: str
    command: tuple[str, ...]
    options: tuple[Option, ...] = ()
    ready: Ready
    ready_path: str = ""
    concurrency: str = ""
    requires: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    task_modules: tuple[str, ...] = ()
    tasks_per_child: int = 100
    migrates: bool = False
    awaits_schema: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)

    def argv(self, settings: Mapping[str, object]) -> list[str]:
        """The command with every `{VARIABLE}` filled in, and its options.

        Raises:
            KeyError: the command names a setting that does not exist.
        """
        words = [word.format_map(settings) for word in self.command]
        return words + [word for option in self.options for word in option.argv(settings)]


# Celery's warm shutdown waits without a limit; its soft shutdown hands unfinished work back in time (celery docs, "Soft Shutdown").
_SOFT_SHUTDOWN = {"REMAP_SIGTERM": "SIGQUIT"}
# Further seconds for a worker to disconnect from Redis, where each step may take a socket's time-out; see app/tasks/ending.py
FAREWELL_SECONDS = 15
# Celery's default, every two seconds, would be half of what an idle worker sends to Redis.
_HEARTBEAT = Option("--heartbeat-interval", "CELERY_HEARTBEAT_INTERVAL_SECONDS", "--without-heartbeat")


def _worker(queue: str, concurrency: str) -> tuple[str, ...]:
    # Gossip and mingle cost a second at the start and most of an idle worker's Redis commands; nothing here needs them.
    return (
        *("python", "-m", "app.celery_command", "--quiet", "-A", "app.core.celery_app", "worker"),
        *("-Q", queue, "-n", f"{queue}@%h", "--pool", "prefork", "--concurrency", f"{{{concurrency}}}"),
        *("--loglevel", "{CELERY_LOG_LEVEL}", "--without-gossip", "--without-mingle"),
    )


API = Role(
    service_type="api",
    banner="📡 Starting FastAPI API server...",
    command=(
        *(
            "python",
            "-m",
            "app.serve",
            "app.main:from_environment",
            "--factory",
            "--host",
            "{HOST}",
            "--port",
            "{PORT}",
        ),
        *("--workers", "{UVICORN_WORKERS}", "--timeout-graceful-shutdown", "10", "--no-server-header"),
        # Railway's edge keeps an idle connection for 60 s, and could send a request on one that the API is just closing.
        *("--timeout-keep-alive", "75"),
        # On a machine so busy that the imports take longer than uvicorn's default of 5 s, no process would ever start.
        *("--timeout-worker-healthcheck", "30"),
        *("--http", "app.api.connection:Connection", "--ws", "none"),
        *("--forwarded-allow-ips", "{FORWARDED_ALLOW_IPS}"),
        *("--no-access-log", "--log-config", "app/core/logging.json"),
    ),
    ready=Ready.HTTP,
    ready_path="/health/ready?check=database&check=redis",  # not the queues: other roles consume them
    concurrency="UVICORN_WORKERS",
    requires=("DATABASE_URL", "REDIS_URL", "JWT_SECRET_KEY", "ADMIN_EMAIL", "ADMIN_PASSWORD"),
    migrates=True,
)
CELERY_LOGS = Role(
    service_type="celery_logs",
    banner="🔄 Starting Celery Worker for Logs Queue...",
    command=_worker("logs", "CELERY_LOGS_CONCURRENCY"),
    options=(_HEARTBEAT,),
    ready=Ready.CANARY,
    concurrency="CELERY_LOGS_CONCURRENCY",
    requires=("DATABASE_URL", "REDIS_URL"),
    queues=("logs",),
    task_modules=("app.tasks.logs", "app.tasks.canary", "app.tasks.beat", "app.tasks.ending"),
    tasks_per_child=10_000,  # each takes a few milliseconds, but replacing a child stops work for up to 5 s
    awaits_schema=True,
    environment=_SOFT_SHUTDOWN,
)
CELERY_CONTENT = Role(
    service_type="celery_content",
    banner="🎨 Starting Celery Worker for Content Generation Queue...",
    command=_worker("content", "CELERY_CONTENT_CONCURRENCY"),
    options=(_HEARTBEAT,),
    ready=Ready.CANARY,
    concurrency="CELERY_CONTENT_CONCURRENCY",
    requires=("DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY"),
    queues=("content",),
    task_modules=("app.tasks.content", "app.tasks.canary", "app.tasks.beat", "app.tasks.ending"),
    awaits_schema=True,
    environment=_SOFT_SHUTDOWN,
)
FLOWER = Role(
    service_type="flower",
    banner="🌸 Starting Celery Flower monitoring...",
    # Its password allows only reading; Flower and the workers refuse commands (app/core/control_door.py).
    command=(
        *("python", "-m", "app.celery_command", "-A", "app.core.celery_app", "flower"),
        *("--port={FLOWER_PORT}", "--read_only=True"),
    ),
    ready=Ready.HTTP,
    ready_path="/healthcheck",
    requires=("REDIS_URL",),
)

ROLES: Mapping[str, Role] = {role.service_type: role for role in (API, CELERY_LOGS, CELERY_CONTENT, FLOWER)}


def unacked_key(queue: str) -> str:
    """The Redis key under which kombu keeps what workers of a queue have taken and not acknowledged."""
    return f"unacked.{queue}"


def beat_file(role: Role) -> Path:
    """The file that a worker touches after each report to the database; a container has one worker of a role."""
    return Path(tempfile.gettempdir()) / f"{role.service_type}.beat"
