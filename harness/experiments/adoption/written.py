"""The declaration that follows from the findings: a file that a person completes."""

import re

from harness.experiments.adoption.seen import Seen

PORT = re.compile(r"\$\{?PORT\}?(?::-\d+\})?|\$PORT")
OURS = ("uvicorn", "gunicorn", "hypercorn", "daphne", "flask", "python")


def declaration(seen: Seen) -> str:
    """The text of `stack.py`.

    Args:
        seen: of the application.
    """
    env = ", ".join(f'"{name}": "{template}"' for name, template in seen.env.items())
    where = [f'"{seen.name}"', *([f'bin="{seen.bin}"'] if seen.bin else [])]
    where.append(f"redis=Redis(databases={seen.databases})")
    if seen.migrate:
        where.append(f'postgres=Postgres(migrate="{seen.migrate}", schema="{seen.schema}")')
    lines = [
        "from harness import App, Postgres, Redis, http, log, post",
        "",
        f"app = App({', '.join(where)},",
        f"  env={{{env}}})",
        *_roles(seen),
        *_work(seen),
    ]
    return "\n".join(lines) + "\n"


def _roles(seen: Seen) -> list[str]:
    given = {name: _filled(command) for name, command in seen.commands.items()}
    web = next((name for name, command in given.items() if "{port}" in command), "")
    lines = []
    if web or seen.web:
        lines.append(
            f'app.role("{web or "web"}", {_quoted(given.get(web) or seen.web)}, ready=http("{seen.ready or "/"}"))'
        )
    worker = next(
        (name for name, command in given.items() if re.search(r"celery\b.*\bworker\b", command)), ""
    )
    queues = ", ".join(f'"{queue}"' for queue in seen.queues)
    if worker or seen.celery:
        command = (
            given.get(worker) or f"celery -A {seen.celery} worker -E -Q {','.join(seen.queues)} -c {{n}}"
        )
        lines.append(f'app.role("{worker or "worker"}", {_quoted(command)}, queues=[{queues}])')
    if seen.scheduled:
        beat = next((command for command in given.values() if re.search(r"celery\b.*\bbeat\b", command)), "")
        command = beat or f"celery -A {seen.celery} beat -s {{tmp}}/schedule -l INFO --pidfile="
        lines.append(f'app.role("beat", {_quoted(command)}, ready=log("beat: Starting"), single=True)')
    return lines


def _filled(command: str) -> str:
    command = re.sub(
        r"(?<![\w.])(?:0\.0\.0\.0|127\.0\.0\.1|localhost)(?![\w.])", "{host}", PORT.sub("{port}", command)
    )
    if re.search(r"celery\b.*\bworker\b", command) and not re.search(r"\s-E\b|--task-events", command):
        command += " -E"
    if re.search(r"celery\b.*\bbeat\b", command):
        if not re.search(r"\s(?:-l|--loglevel)\b", command):
            command += " -l INFO"  # so that it logs its start
        if "--pidfile" not in command:
            # Beat leaves its file in the application's folder, and the next beat refuses to start because of it.
            command += " --pidfile="
    return command


def _quoted(command: str) -> str:
    return '"' + command.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _work(seen: Seen) -> list[str]:
    task = seen.tasks[0] if seen.tasks else "TASK"
    others = f"  # there are also {', '.join(seen.tasks[1:6])}" if seen.tasks[1:] else ""
    state = seen.state or "SELECT status FROM TABLE_OF_WORK WHERE id = :id"
    return [
        f'app.work("work", accepted=post("{seen.post or "/PATH"}", json={{"note": "{{nonce}}"}}, id="$.id"),',
        f'  state="{state}", ends={{"done", "failed"}},',
        f'  task="{task}", by="args[0]"){others}',
    ]
