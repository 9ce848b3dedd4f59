"""The interpreters that a stack of the product starts, and what each of them imports."""

from app.roles import ROLES
from harness.application import Tier
from harness.experiments.bench.imports import Interpreter

_PRELUDE = ("app.entrypoint", "app.core.schema")
_WORKER = (
    *("celery.bin.celery", "celery.apps.worker", "celery.concurrency.prefork", "celery.worker.consumer"),
    *("celery.fixups.django", "kombu.transport.redis", "app.core.celery_app"),
)
_SERVER = (
    "uvicorn.main",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
)


def interpreters(tier: Tier) -> list[Interpreter]:
    """The interpreters of a stack without Flower.

    Args:
        tier: that it runs at; a worker forks its own processes, which import nothing.
    """
    found = [
        Interpreter("scripted OpenAI", ("harness.providers.openai.__main__",)),
        Interpreter(
            "api: entrypoint", (*_PRELUDE, "app.core.migration", "app.core.admin"), "scripted OpenAI"
        ),
        Interpreter("api: parent", ("uvicorn.main", "uvicorn.supervisors.multiprocess"), "api: entrypoint"),
        Interpreter("api: process", (*_SERVER, "app.main"), "api: parent", tier.concurrency["api"]),
    ]
    for role in (ROLES["celery_logs"], ROLES["celery_content"]):
        entrypoint = f"{role.service_type}: entrypoint"
        found.append(Interpreter(entrypoint, _PRELUDE, "scripted OpenAI"))
        found.append(Interpreter(f"{role.service_type}: worker", (*_WORKER, *role.task_modules), entrypoint))
    return found
