"""A made-up application of two roles, with all the files that an audit reads: small, right, and made to be spoilt."""

import runpy
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopRole:
    """One role of the shop; see harness.deployment.program.ProgramRole."""

    command: tuple[str, ...]
    ready_path: str = ""
    concurrency: str
    requires: tuple[str, ...]
    queues: tuple[str, ...] = ()
    migrates: bool = False
    awaits_schema: bool = False


API = ShopRole(
    command=("uvicorn", "shop:app", "--port", "{PORT}", "--timeout-graceful-shutdown", "15"),
    ready_path="/ready",
    concurrency="API_PROCESSES",
    requires=("DB_URL", "BROKER_URL", "SIGNING_KEY"),
    migrates=True,
)
WORKER = ShopRole(
    command=("celery", "-A", "shop", "worker", "-Q", "orders", "--concurrency", "{SLOTS}"),
    concurrency="SLOTS",
    requires=("DB_URL", "BROKER_URL"),
    queues=("orders",),
    awaits_schema=True,
)

DEFAULTS = {
    "KIND": None,
    "PORT": 8080,
    "API_PROCESSES": 1,
    "SLOTS": 1,
    "DB_URL": "",
    "DB_POOL": 5,
    "BROKER_URL": "",
    "SIGNING_KEY": "",
    "CURRENCY": "EUR",
    "RATES": "local",
    "STAGE": "live",
    "TRACE": "no",
    "ALSO": "",
    "STOP_SECONDS": 10.0,
    "CHILD_KB": 200_000,
}
NUMBERS = ("PORT", "STOP_SECONDS", "CHILD_KB")


def problems(given: Mapping[str, str]) -> dict[str, str]:
    """Some values are numbers."""
    return {name: "is no number" for name in NUMBERS if not given.get(name, "1").isdigit()}


def refuses(given: Mapping[str, str]) -> dict[str, str]:
    """Some are possible, and not together; and some are not for a role."""
    found = {name: f"is invalid: {problem}" for name, problem in problems(given).items()}
    if given.get("CHILD_KB") and given.get("STOP_SECONDS"):
        found["CHILD_KB"] = "does not fit STOP_SECONDS"
    if given.get("STAGE", "live") != "live":
        found["STAGE"] = "must be live"
    if len(given.get("SIGNING_KEY", "long enough")) < 8:
        found["SIGNING_KEY"] = "is too short"
    return found | {name: "is empty" for name, value in given.items() if not value}


def doubts(given: Mapping[str, str]) -> dict[str, str]:
    """Some do not do what they say."""
    return {"SLOTS": "is so large that 9 are used"} if len(given.get("SLOTS", "1")) > 1 else {}


def read(file: Path) -> Mapping[str, ShopRole]:
    """The roles of a repository."""
    roles: Mapping[str, ShopRole] = runpy.run_path(str(file))["ROLES"]
    return roles


PROGRAM = Program(
    roles={"api": API, "worker": WORKER},
    role_variable="KIND",
    asked="api",
    variables=DEFAULTS,
    secrets=frozenset({"SIGNING_KEY"}),
    problems=problems,
    refuses=refuses,
    doubts=doubts,
    readers={"RATES": frozenset({"worker"})},
    verifies=lambda url: "insecure" not in url,
    same=("DB_URL", "BROKER_URL", "CURRENCY", "RATES"),
    production={"STAGE": ("live",), "TRACE": ("no", "off")},
    merges="ALSO",
    database="DB_URL",
    pool_size="DB_POOL",
    smallest_pool=2,
    beats=1,
    migration=1,
    process_mb=50,
    child_kb="CHILD_KB",
    soft_shutdown="STOP_SECONDS",
    farewell_seconds=5,
    entrypoint="bin/start.sh",
    images={"Dockerfile.single": "bin/single.sh"},
    health_check="/up",
    health_routes="shop/health.py",
    declared_in="shop/kinds.py",
    documented_in="docs/variables.md",
    read=read,
    folder="platform",
    compose="compose.yaml",
    samples={
        "DB_URL": "postgresql://u:p@db.railway.internal/shop",
        "BROKER_URL": "rediss://:p@redis.example.com",
    },
)

PROVIDED = {
    "Database": {"DB_URL": "postgresql://u:p@db.internal/shop"},
    "Broker": {"BROKER_URL": "rediss://:p@redis.internal:6379"},
}
SERVICES = """\
[infrastructure]
Database = ["DB_URL"]
Broker = ["BROKER_URL"]

[services.shop-api]
root_directory = "/"
dockerfile = "Dockerfile.shop"
public_port = "PORT"
health_check = "/up"
build_command = ""
start_command = ""
draining_seconds = 25
overlap_seconds = 10
secrets = ["SIGNING_KEY"]

[services.shop-api.variables]
KIND = "api"
PORT = "8080"
API_PROCESSES = "4"
DB_URL = "${{Database.DB_URL}}"
BROKER_URL = "${{Broker.BROKER_URL}}"
CURRENCY = "EUR"
STAGE = "live"

[services.shop-worker]
root_directory = "/"
dockerfile = "Dockerfile.shop"
build_command = ""
start_command = ""
draining_seconds = 20
overlap_seconds = 0

[services.shop-worker.variables]
KIND = "worker"
SLOTS = "2"
DB_URL = "${{Database.DB_URL}}"
BROKER_URL = "${{Broker.BROKER_URL}}"
CURRENCY = "${{shop-api.CURRENCY}}"
SIGNING_KEY = "${{shop-api.SIGNING_KEY}}"
STAGE = "live"
"""
TIERS = """\
[small]
concurrency = { api = 2, worker = 1 }
database_pool_size = 5
memory_mb = 512

[large]
concurrency = { api = 8, worker = 4 }
database_pool_size = 2
memory_mb = 4096
cpus = 4
"""
COMPOSE = """\
services:
  api:
    build: { context: ., dockerfile: Dockerfile.shop }
    stop_grace_period: 20s
    ports: ["127.0.0.1:${API_PORT:-8080}:8080"]
    environment:
      KIND: api
      PORT: "8080"
      API_PROCESSES: ${API_PROCESSES:-4}
      DB_URL: postgresql://shop:${DB_PASSWORD:?set it}@db/shop
      BROKER_URL: redis://redis/0
      CURRENCY: EUR
      STAGE: live
      SIGNING_KEY: ${SIGNING_KEY:?set it}
  worker:
    build: { context: ., dockerfile: Dockerfile.shop }
    stop_grace_period: 1m
    environment:
      KIND: worker
      SLOTS: ${SLOTS:-2}
      DB_URL: postgresql://shop:${DB_PASSWORD:?set it}@db/shop
      BROKER_URL: redis://redis/0
      CURRENCY: EUR
      STAGE: live
      SIGNING_KEY: ${SIGNING_KEY:?set it}
"""
DOCKERFILE = """\
FROM python:3.13 AS code
COPY shop /srv/shop
FROM python:3.13
COPY --from=code /srv /srv
WORKDIR /opt/shop
USER 10001
ENTRYPOINT ["/opt/shop/bin/start.sh"]
"""
SCRIPT = """\
#!/bin/sh
set -eu
exec python -m shop "$@"
"""
HEALTH = """\
@router.get("/up")
async def up():
    return {"status": "well"}


@router.get("/ready")
async def ready():
    return await everybody()


@router.get("/version")
def version():
    return "1"
"""
KINDS = """\
from harness.tests.deployment.shop import API, WORKER

ROLES = {"api": API, "worker": WORKER}
"""
APPLICATION = """\
from pathlib import Path

from harness.application import App
from harness.tests.deployment.shop import PROGRAM, RULES

app = App(name="shop", root=Path(__file__).parent, roles={}, rules=RULES, program=PROGRAM)
"""
FILES = {
    "platform/services.toml": SERVICES,
    "platform/tiers.toml": TIERS,
    "compose.yaml": COMPOSE,
    "Dockerfile.shop": DOCKERFILE,
    ".dockerignore": "**/.env*\n",
    "bin/start.sh": SCRIPT,
    "shop/health.py": HEALTH,
    "shop/kinds.py": KINDS,
    "shop_application.py": APPLICATION,
    "pyproject.toml": '[tool.harness]\nstack = "shop_application:app"\n',
}
SINGLE = DOCKERFILE.replace("bin/start.sh", "bin/single.sh").replace("USER", "ENV KIND=api\nUSER")


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        if not service.name.startswith("shop-"):
            yield Flaw(subject.place(service), "is no name of ours", f"shop-{service.name}")


NAMES = Rule(
    name="names",
    states="every service's name begins with that of the shop",
    why="others have services in the same project",
    judge=_judge,
)
RULES = (NAMES,)  # its own


def build(folder: Path) -> Path:
    """Write all its files.

    Args:
        folder: that becomes its repository.
    """
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        path.chmod(0o755 if name.startswith("bin/") else 0o644)
    return folder
