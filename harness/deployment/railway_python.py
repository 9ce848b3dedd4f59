"""A deployment as a file of Railway's infrastructure as code: `.railway/railway.py`, for its command line.

The file is written from the declaration and read back without being run: its calls have literals and references to named
resources only. Written for railway-sdk 0.7 (docs.railway.com/infrastructure-as-code).
"""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.deployment.audit.flaw import Place
from harness.deployment.declaration import Deployment, Service
from harness.deployment.export import shown
from harness.deployment.railway import DOCKERFILE_PATH, DRAINING_SECONDS, OVERLAP_SECONDS, engine_of
from harness.deployment.references import SHARED, reference
from harness.deployment.toml_table import DeploymentError

BUILDER = "DOCKERFILE"
ENGINES = ("postgres", "redis", "mysql", "mongo")
SHARED_WORDS = {"shared", "shared_variables", "sharedVariables"}  # of a project
FIELDS = {DRAINING_SECONDS: "drainingSeconds", OVERLAP_SECONDS: "overlapSeconds"}
KEPT = "(kept as it is on Railway)"  # what preserve() stands for
HEAD = '''"""The deployment for Railway, made by harness export --format railway-python, tier {tier}. Secrets are shared variables of the project.

Give each service its source, such as source=github("owner/name"), before the first plan.
"""

from railway_sdk import {names}


@define_railway
def main(ctx=None):
    return project(
        {project!r},
        resources=[
'''


@dataclass(frozen=True, slots=True)
class Found:
    """What a file says.

    Args:
        services: by name.
        servers: name -> kind, of resources that are no services, such as databases.
        lines: of the servers, counted from 1.
        shared: variables of the project; none where nothing is said of them.
        whole: whether a service that it does not name is not there; else nothing is said of it.
        fields: whether it says what Railway has beside variables, such as a health check.
        python: whether it has them in the form of Python.
    """

    services: Mapping[str, "Settings"]
    servers: Mapping[str, str]
    lines: Mapping[str, int]
    shared: "Settings | None" = None
    whole: bool = True
    fields: bool = True
    python: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a service in a file: variables and fields with their values and lines.

    Args:
        values: name -> value.
        lines: name -> line, counted from 1.
        file: where it has one of its own.
    """

    values: Mapping[str, str]
    lines: Mapping[str, int] = field(default_factory=dict)
    file: str = ""

    def place(self, path: Path, service: str, key: str = "", name: str = "") -> Place:
        """Where something of it stands.

        Args:
            path: of what was read.
            service: whose settings they are.
            key: of it, as the values have it; empty for the service itself.
            name: that the key is called by; itself by default.
        """
        line = self.lines.get(key, self.lines.get("", 0))
        return Place(self.file or str(path), line, f"{service}.{name or key}" if key else service)


def text_of(value: object) -> str:
    """A value as a variable has it; a value that is no text is written as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def is_unset(value: object) -> bool:
    """Whether a field with this value counts as not set; the number 0 counts as set."""
    return value is None or value is False or (isinstance(value, (str, list, dict)) and not value)


def settings(deployment: Deployment, service: Service, tier: str) -> dict[str, str]:
    """Everything that the file says of a service, as one table: variables, and the fields that Railway has beside them.

    Args:
        deployment: with the service.
        service: whose settings.
        tier: row of the concurrency table.
    """
    return {
        **_fields(service),
        **{named(name): value for name, value in _variables(deployment, service, tier)},
    }


def named(variable: str) -> str:
    """The name of a variable among the fields, whose names have small letters."""
    return variable if variable.isupper() else f"env.{variable}"


def _fields(service: Service) -> dict[str, str]:
    return {
        "root": service.root_directory,
        "builder": BUILDER,
        "dockerfilePath": service.dockerfile,
        **({"healthcheck": service.health_check} if service.health_check else {}),
        "drainingSeconds": str(service.draining_seconds),
        "overlapSeconds": str(service.overlap_seconds),
    }


def _variables(deployment: Deployment, service: Service, tier: str) -> Iterator[tuple[str, str]]:
    for name, value in shown(deployment, service, tier).items():
        if name not in (DOCKERFILE_PATH, *FIELDS):
            yield name, value


def as_python(deployment: Deployment, tier: str, name: str) -> str:
    """The file.

    Args:
        deployment: all of it; Railway would remove what the file leaves out.
        tier: row of the concurrency table.
        name: of the project.
    """
    servers = {server: engine_of(names) for server, names in deployment.infrastructure.items()}
    used = sorted({"define_railway", "project", "service", *filter(None, servers.values())})
    lines = [HEAD.format(tier=tier, names=", ".join(used), project=name).rstrip("\n")]
    for server, engine in servers.items():
        lines.append(
            f"            {engine}({server!r}),"
            if engine
            else f"            # {server} is none of Railway's own servers: its variables are set by hand"
        )
    for service in deployment.services.values():
        said = _fields(service)
        build = {name: said[name] for name in ("builder", "dockerfilePath")}
        deploy = {name: int(said[name]) for name in FIELDS.values()}
        lines += ["            service(", f"                {service.name!r},"]
        lines += [f"                root={said['root']!r},", f"                build={build!r},"]
        if "healthcheck" in said:
            lines.append(f"                healthcheck={said['healthcheck']!r},")
        lines += [f"                deploy={deploy!r},", "                env={"]
        lines += [
            f"                    {name!r}: {value!r},"
            for name, value in _variables(deployment, service, tier)
        ]
        lines += ["                },", "            ),"]
    return "\n".join([*lines, "        ],", "    )", ""])


def read(path: Path) -> dict[str, Settings]:
    """The settings in a file: service -> settings; see `read_all`."""
    return {**read_all(path).services}


def read_all(path: Path) -> Found:
    """Read a file without running it.

    Args:
        path: of the file.

    Raises:
        DeploymentError: it cannot be read, or a service is made of more than literals and references; names the line.
    """
    try:
        tree = ast.parse(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise DeploymentError(f"{path.name} cannot be read: {error}", path) from None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise DeploymentError(
            f"{path.name} is no Python: {error}", path, getattr(error, "lineno", 0) or 0
        ) from None
    reader = _Reader(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            reader.note(node)
    made = reader.resources(tree)
    services: dict[str, Settings] = {}
    servers: dict[str, str] = {}
    lines: dict[str, int] = {}
    for node in made:
        if _calls(node) != "service":
            name = reader.name(node)
            servers[name], lines[name] = _calls(node), node.lineno
            continue
        name, found = reader.service(node)
        if name in services:
            raise DeploymentError(
                f"{path.name}: line {node.lineno} makes the service {name} once more", path, node.lineno
            )
        services[name] = found
    if not services:
        raise DeploymentError(f"{path.name} makes no service", path, 1)
    return Found(services, servers, lines, reader.shared(tree), python=True)


def _calls(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


class _Reader:
    """Reads the literals of a file, and the resources that it names."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._named: dict[str, ast.expr] = {}
        self._lines: dict[str, int] = {}

    def note(self, node: ast.Assign) -> None:
        self._named |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}

    def resources(self, tree: ast.Module) -> list[ast.Call]:
        """The resources of the project; in a file without a project, every service and server in it."""
        everything = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        listed = [
            word.value
            for node in everything
            if _calls(node) == "project"
            for word in node.keywords
            if word.arg == "resources"
        ]
        if listed:
            return [call for node in listed for call in self._listed(node)]
        return [node for node in everything if _calls(node) == "service"]

    def _listed(self, node: ast.expr) -> list[ast.Call]:
        while isinstance(node, ast.Name) and node.id in self._named:
            node = self._named[node.id]
        if isinstance(node, ast.Starred):
            return self._listed(node.value)
        if isinstance(node, (ast.List, ast.Tuple)):
            return [call for one in node.elts for call in self._listed(one)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return [*self._listed(node.left), *self._listed(node.right)]
        if isinstance(node, ast.Call) and _calls(node):
            return [node]
        raise self._error(node, f"among its resources {_kind(node)}, which is none")

    def name(self, node: ast.Call) -> str:
        """Of a resource."""
        given = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "name")]
        if not given:
            raise self._error(node, f"a {_calls(node)} without a name")
        return str(self._value(given[0]))

    def service(self, node: ast.Call) -> tuple[str, Settings]:
        self._lines = {}
        name = self.name(node)
        said: dict[str, Any] = {}
        for word in node.keywords:
            if word.arg is None:
                raise self._error(node, "a service of what ** spreads out")
            if word.arg in {"env", "variables"}:
                said |= {named(key): value for key, value in self._table(word.value).items()}
            elif word.arg not in {"source", "name"}:
                value = self._value(word.value)
                parts = value if isinstance(value, Mapping) else {word.arg: value}
                said |= parts
                self._lines |= dict.fromkeys(parts, word.value.lineno)
        values = {key: text_of(value) for key, value in said.items() if not self._is_unset(key, value)}
        return name, Settings(values, {"": node.lineno, **self._lines})

    def shared(self, tree: ast.Module) -> Settings | None:
        """Variables of the project."""
        self._lines = {}
        given = [
            word.value
            for node in ast.walk(tree)
            if _calls(node) == "project" and isinstance(node, ast.Call)
            for word in node.keywords
            if word.arg in SHARED_WORDS
        ]
        if not given:
            return None
        said = {named(key): value for one in given for key, value in self._table(one).items()}
        return Settings(
            {key: text_of(value) for key, value in said.items() if value is not None}, {**self._lines}
        )

    @staticmethod
    def _is_unset(key: str, value: object) -> bool:
        """Whether a field is not set; an empty variable counts as set."""
        is_variable = key.isupper() or key.startswith("env.")
        return value is None if is_variable else is_unset(value)

    def _table(self, node: ast.expr) -> dict[str, Any]:
        node = self._named.get(node.id, node) if isinstance(node, ast.Name) else node
        if not isinstance(node, ast.Dict):
            raise self._error(node, "variables that are no dict")
        found: dict[str, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                found |= self._table(value)
            else:
                name = str(self._value(key))
                found[name] = self._value(value)
                self._lines[named(name)] = value.lineno
        return found

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name) and node.id in self._named:
            return self._value(self._named[node.id])
        if _calls(node) == "preserve":
            return KEPT
        if _calls(node) == "ref" and isinstance(node, ast.Call):
            return reference(self._resource(node.args[0]), str(self._value(node.args[1])))
        if isinstance(node, ast.Subscript):
            return self._reference(node.value, str(self._value(node.slice)), node)
        if isinstance(node, ast.Attribute):
            return self._reference(node.value, node.attr, node)
        try:
            return ast.literal_eval(node)
        except ValueError:
            raise self._error(node, f"{_kind(node)}, which is no literal") from None

    def _reference(self, holder: ast.expr, variable: str, node: ast.expr) -> str:
        """`db.env.X` or `ctx.shared.X`."""
        if isinstance(holder, ast.Attribute) and holder.attr == "shared":
            return reference(SHARED, variable)
        if isinstance(holder, ast.Attribute) and holder.attr == "env":
            return reference(self._resource(holder.value), variable)
        raise self._error(node, f"{_kind(node)}, which is no reference")

    def _resource(self, node: ast.expr) -> str:
        made = self._named.get(node.id, node) if isinstance(node, ast.Name) else node
        if isinstance(made, ast.Call) and _calls(made) in {"service", *ENGINES} and made.args:
            return str(self._value(made.args[0]))
        raise self._error(node, f"{_kind(node)}, which is no resource of it")

    def _error(self, node: ast.AST, what: str) -> DeploymentError:
        line = getattr(node, "lineno", 0)
        return DeploymentError(f"{self._path.name}: line {line} has {what}", self._path, line)


def _kind(node: ast.expr) -> str:
    """The kind of an expression, without its text, which may hold a secret."""
    return f"a {type(node).__name__}"
