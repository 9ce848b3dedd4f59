"""Finds the tasks and queues by asking Celery itself, in the application's own environment, without any connection."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.nodes.guard import guarded

ASK_SECONDS = 60
QUESTION = """
import importlib, json, sys
from celery import Celery
sys.path.insert(0, "")
name = sys.argv[1]
module, _, attribute = name.partition(":")
found = importlib.import_module(module)
apps = [getattr(found, attribute, None)] if attribute else [v for v in vars(found).values() if isinstance(v, Celery)]
app = next(one for one in apps if isinstance(one, Celery))
try:
    app.loader.import_default_modules()
except Exception as error:
    print(f"not every module of tasks could be imported: {error!r}", file=sys.stderr)
app.finalize(auto=True)
queues = [q if isinstance(q, str) else q.name for q in app.conf.task_queues or ()]
routes = app.conf.task_routes or {}
if isinstance(routes, dict):
    queues += [r.get("queue") for r in routes.values() if isinstance(r, dict) and r.get("queue")]
queues += [t.queue for t in app.tasks.values() if getattr(t, "queue", None)]
queues = queues or [app.conf.task_default_queue]
print("harness:" + json.dumps({
    "tasks": sorted(t for t in app.tasks if not t.startswith("celery.")),
    "queues": list(dict.fromkeys(str(q) for q in queues)),
    "scheduled": bool(app.conf.beat_schedule),
}))
"""


class NoAnswerError(Exception):
    """Celery could not be asked; says why."""


def ask(root: Path, python: Path, celery: str, env: Mapping[str, str]) -> dict[str, object]:
    """Its tasks, queues, and whether anything is scheduled.

    Args:
        root: folder of the application.
        python: of its environment.
        celery: the module of its Celery application.
        env: variables that the import may need; their addresses lead nowhere.

    Raises:
        NoAnswerError: it could not be imported, or has no such application.
    """
    with TemporaryDirectory(prefix="harness-init-") as folder:
        closed = guarded({"PATH": os.environ["PATH"], "HOME": folder, **env}, Path(folder) / "guard", [])
        try:
            done = subprocess.run(
                [python, "-c", QUESTION, celery],
                cwd=root,
                env=closed,
                capture_output=True,
                text=True,
                timeout=ASK_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoAnswerError(str(error)) from None
    for line in done.stdout.splitlines():
        if line.startswith("harness:"):
            found: dict[str, object] = json.loads(line.removeprefix("harness:"))
            return found
    said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    raise NoAnswerError(said)
