"""Look at an application's folder: its environment, its web application, its Celery, its migrations, and how it is started elsewhere."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.experiments.adoption.celery_asked import NoAnswerError, ask
from harness.experiments.adoption.seen import Seen

ENVIRONMENTS = (".venv", "venv", "env")
SKIPPED = {
    ".venv",
    "venv",
    "env",
    ".git",
    "node_modules",
    "tests",
    "test",
    "__pycache__",
    "site-packages",
    ".tox",
    "build",
    "dist",
}
MOST_FILES = 2000
WEB = {
    re.compile(
        r"^(\w+)\s*(?::\s*\w+)?=\s*FastAPI\(", re.MULTILINE
    ): "uvicorn {module}:{name} --host {{host}} --port {{port}}",
    re.compile(
        r"^(\w+)\s*(?::\s*\w+)?=\s*Starlette\(", re.MULTILINE
    ): "uvicorn {module}:{name} --host {{host}} --port {{port}}",
    re.compile(
        r"^(\w+)\s*(?::\s*\w+)?=\s*Flask\(", re.MULTILINE
    ): "gunicorn {module}:{name} -b {{host}}:{{port}} -w {{n}}",
    re.compile(
        r"^(\w+)\s*=\s*get_wsgi_application\(", re.MULTILINE
    ): "gunicorn {module}:{name} -b {{host}}:{{port}} -w {{n}}",
}
CELERY = re.compile(r"^(\w+)\s*(?::\s*[\w.]+)?=\s*(?:celery\.)?Celery\(", re.MULTILINE)
GET = re.compile(r"@\w+\.(?:get|route)\(\s*[\"'](/[\w/.-]*)[\"']")
POST = re.compile(r"@\w+\.post\(\s*[\"'](/[^\"']*)[\"']|@\w+\.route\(\s*[\"'](/[^\"']*)[\"'][^)]*POST")
READ = re.compile(
    r"environ(?:\.get\(|\[)\s*[\"']([A-Z][A-Z0-9_]+)[\"']|getenv\(\s*[\"']([A-Z][A-Z0-9_]+)[\"']"
)
TABLE = re.compile(
    r"CREATE TABLE(?: IF NOT EXISTS)? [\"']?(\w+)[\"']?|create_table\(\s*[\"'](\w+)[\"']|__tablename__\s*=\s*[\"'](\w+)[\"']",
    re.IGNORECASE,
)
FIELD = re.compile(r"^    ([a-z]\w*_(?:url|dsn|uri|key|secret)):", re.MULTILINE)  # of pydantic's settings
STATUS = re.compile(r"\b(status|state)\b")
HEALTH = ("/healthz", "/health", "/readyz", "/ready", "/livez", "/ping", "/")


def look(root: Path) -> Seen:
    """Everything that can be seen of it.

    Args:
        root: its folder.
    """
    seen = Seen(_name(root))
    sources = {path: path.read_text(encoding="utf-8", errors="replace") for path in _sources(root)}
    _environment(root, seen)
    _web(root, sources, seen)
    _migrations(root, seen)
    _variables(root, sources, seen)
    _celery(root, sources, seen)
    _started(root, seen)
    _work(sources, seen)
    return seen


def _name(root: Path) -> str:
    name = str(_toml(root / "pyproject.toml").get("project", {}).get("name", "") or root.resolve().name)
    return re.sub(r"[^\w.-]+", "-", name).strip("-._") or "application"


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return {}


def _sources(root: Path) -> Iterator[Path]:
    left = MOST_FILES
    for path in sorted(root.rglob("*.py"), key=lambda path: (len(path.parts), path)):
        if (
            left
            and not SKIPPED & {*path.relative_to(root).parts[:-1]}
            and not path.name.startswith("test_")
            and path.name != "stack.py"
        ):
            left -= 1
            yield path


def _module(root: Path, path: Path) -> str:
    parts = [*path.relative_to(root).with_suffix("").parts]
    if parts[0] == "src":
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _environment(root: Path, seen: Seen) -> None:
    for name in ENVIRONMENTS:
        if (root / name / "bin/python").exists():
            seen.bin = f"{name}/bin"
            return
    seen.unseen.append(
        f"the application's environment: none of {', '.join(ENVIRONMENTS)} has bin/python; say it as bin="
    )


def _web(root: Path, sources: Mapping[Path, str], seen: Seen) -> None:
    for path, text in sources.items():
        for pattern, command in WEB.items():
            if match := pattern.search(text):
                seen.web = command.format(module=_module(root, path), name=match[1])
                seen.guesses.append(f"{path.relative_to(root)} has the web application: {seen.web}")
                paths = [found[1] for one in sources.values() for found in GET.finditer(one)]
                seen.ready = next((known for known in HEALTH if known in paths), paths[0] if paths else "/")
                seen.guesses.append(f"it is ready when GET {seen.ready} answers with a success")
                return
    seen.unseen.append(
        "a web application: no FastAPI(), Starlette(), Flask() or get_wsgi_application() at the top of a module"
    )


def _migrations(root: Path, seen: Seen) -> None:
    if (root / "alembic.ini").exists():
        where = re.search(
            r"^script_location\s*=\s*(?:%\(here\)s/)?(\S+)", (root / "alembic.ini").read_text(), re.MULTILINE
        )
        seen.migrate, seen.schema = (
            "alembic upgrade head",
            f"{where[1] if where else 'alembic'}/versions/*.py",
        )
    elif (root / "manage.py").exists():
        seen.migrate, seen.schema = "python manage.py migrate", "**/migrations/*.py"
    else:
        seen.unseen.append(
            "migrations: neither alembic.ini nor manage.py; say what brings the schema as Postgres(migrate=..., schema=...)"
        )


def _names(root: Path, sources: Mapping[Path, str]) -> set[str]:
    """The variables that its code reads, and those in its example files."""
    names = {found[1] or found[2] for text in sources.values() for found in READ.finditer(text)}
    for name in (".env.example", ".env.sample", ".env.template", ".env.dist"):  # never .env itself
        if (root / name).exists():
            names |= set(
                re.findall(r"^(?:export )?([A-Z][A-Z0-9_]+)=", (root / name).read_text(), re.MULTILINE)
            )
    for text in sources.values():
        if "BaseSettings" in text:
            names |= {field.upper() for field in FIELD.findall(text)}
    return names


def _variables(root: Path, sources: Mapping[Path, str], seen: Seen) -> None:
    names = _names(root, sources)
    asynchronous = any("postgresql+asyncpg" in text for text in sources.values())
    templates = {name: _template(name, asynchronous=asynchronous) for name in sorted(names)}
    seen.env |= {name: template for name, template in templates.items() if template}
    seen.databases += "{redis/1}" in seen.env.values()
    if seen.env:
        seen.guesses.append(
            "variables that say where servers are: " + ", ".join(f"{k}={v}" for k, v in seen.env.items())
        )
    left = sorted(names - {*seen.env})
    if left:
        seen.unseen.append(f"what these variables should be, if they need be set: {', '.join(left[:20])}")
    if not any("postgres" in template for template in seen.env.values()):
        seen.unseen.append("the variable with the database's address")


def _template(name: str, *, asynchronous: bool) -> str:
    """The likely template for a variable of this name."""
    parts = set(name.split("_"))
    if parts & {"RESULT", "BACKEND"} and not parts & {"EMAIL", "STORAGE"}:
        return "{redis/1}"
    if parts & {"REDIS", "BROKER", "CELERY", "CACHE", "VALKEY"} and parts & {"URL", "URI", "DSN", "BROKER"}:
        return "{redis/0}"
    database = parts & {"DATABASE", "POSTGRES", "POSTGRESQL", "DB", "PG", "SQLALCHEMY"}
    if database:
        for ends, part in (
            ("HOST", "host"),
            ("PORT", "port"),
            ("USER", "user"),
            ("PASSWORD", "password"),
            ("NAME", "database"),
            ("DB", "database"),
        ):
            if name.endswith(ends):
                return f"{{postgres.{part}}}"
        if parts & {"URL", "URI", "DSN"}:
            return "{postgres:postgresql+asyncpg}" if asynchronous else "{postgres:postgresql}"
    return "{secret}" if parts & {"SECRET", "SALT"} else ""


def _celery(root: Path, sources: Mapping[Path, str], seen: Seen) -> None:
    found = next((path for path, text in sources.items() if CELERY.search(text)), None)
    if found is None:
        seen.unseen.append("the Celery application: no `... = Celery(` at the top of a module")
        return
    module = _module(root, found)
    # `celery -A project` finds project.celery by itself, and Django projects are usually named so.
    seen.celery = module.removesuffix(".celery")
    python = root / (seen.bin or "nowhere") / "python"
    nowhere = {name: _nowhere(template) for name, template in seen.env.items()}
    try:
        said: Any = ask(root, python, module, nowhere)
    except NoAnswerError as error:
        seen.queues = ["celery"]
        seen.guesses.append("the queue is `celery`, Celery's default")
        seen.unseen.append(f"queues and tasks, for Celery could not be asked: {error}")
        return
    seen.queues, seen.tasks, seen.scheduled = said["queues"], said["tasks"], said["scheduled"]


def _nowhere(template: str) -> str:
    """A value that lets code be imported but reaches no server."""
    if "redis" in template:
        return "redis://nowhere.invalid:1/0"
    if template.startswith("{postgres:"):
        return f"{template[len('{postgres:') : -1]}://u:p@nowhere.invalid:1/db"
    return {"{postgres.port}": "1"}.get(template, "nowhere.invalid")


def _started(root: Path, seen: Seen) -> None:
    """Its start commands in a Procfile, Railway's file, or compose."""
    told = _procfile(root) | _railway(root)
    if told:
        seen.commands = {name: command for name, command in told.items() if name != "release"}
        seen.guesses.append(
            "roles were found in "
            + ", ".join(
                name for name in ("Procfile", "railway.toml", "railway.json") if (root / name).exists()
            )
        )
    files = [
        name
        for name in ("compose.yml", "compose.yaml", "docker-compose.yml", "docker-compose.yaml")
        if (root / name).exists()
    ]
    if files:
        text = (root / files[0]).read_text()
        commands = re.findall(r"^\s+command:\s*[\"']?([^\[\n].*?)[\"']?\s*$", text, re.MULTILINE)
        seen.guesses += [f"{files[0]} starts: {command}" for command in commands if not seen.commands]
        if "rabbitmq" in text:
            seen.unseen.append("the broker is RabbitMQ, which this declaration does not have yet")


def _procfile(root: Path) -> dict[str, str]:
    path = root / "Procfile"
    if not path.exists():
        return {}
    return dict(re.findall(r"^([A-Za-z][\w-]*):\s*(.+?)\s*$", path.read_text(), re.MULTILINE))


def _railway(root: Path) -> dict[str, str]:
    command = _toml(root / "railway.toml").get("deploy", {}).get("startCommand", "")
    return {"web": command} if command else {}


def _work(sources: Mapping[Path, str], seen: Seen) -> None:
    paths = [found[1] or found[2] for text in sources.values() for found in POST.finditer(text)]
    if paths:
        seen.post = paths[0]
        seen.guesses.append(
            f"work is asked for by POST {paths[0]}"
            + (f"; there are also {', '.join(paths[1:6])}" if paths[1:] else "")
        )
    tables = [
        name
        for text in sources.values()
        for found in TABLE.finditer(text)
        for name in found.groups()
        if name and STATUS.search(text[found.start() : found.start() + 2000])
    ]
    if tables:
        column = "state" if not any("status" in text for text in sources.values()) else "status"
        seen.state = f"SELECT {column}::text FROM {tables[0]} WHERE id = :id"  # noqa: S608 - shown to a person
        seen.guesses.append(f"the state of work: {seen.state}")
    seen.unseen.append(
        "with which statuses work ends, what is posted for it, and which argument of its task holds its id"
    )
