"""The facts that the loader and the rules must know of the deployed program; the declaration of the application gives them once.

The loader and the rules read files. The meaning of these (which variable chooses the role, how far a process may grow) only the
program knows.
"""

import ipaddress
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, Self, cast

from harness.application import App, DeclarationError
from harness.deployment.toml_table import DeploymentError

PRIVATE = (".railway.internal", ".localhost")
FOLDER = "deploy"  # default folder of a deployment's declaration


class ProgramRole(Protocol):
    """A role as its program declares it: any object with these attributes."""

    @property
    def command(self) -> tuple[str, ...]:
        """Its argv; `{VARIABLE}` stands for that variable's value."""

    @property
    def ready_path(self) -> str:
        """The route that answers 200 once it is ready; empty where it listens on nothing."""

    @property
    def concurrency(self) -> str:
        """The variable that gets its number of the concurrency table; empty for none."""

    @property
    def requires(self) -> tuple[str, ...]:
        """The variables without which it refuses to start."""

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues that it consumes."""

    @property
    def migrates(self) -> bool:
        """Whether it brings the database to the newest schema before it starts."""

    @property
    def awaits_schema(self) -> bool:
        """Whether it waits, before it starts, until another role has migrated."""


def no_problems(_: Mapping[str, str]) -> Mapping[str, str]:
    """Every value is accepted."""
    return {}


def nothing_ignored(_: str) -> str:
    """No variable is taken away."""
    return ""


def is_private(host: str) -> bool:
    """Whether a host is on Railway's private network, or is this machine itself."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(PRIVATE):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program that plays several roles, each as a service of its own.

    Args:
        roles: by kind, that is by the value of `role_variable`.
        role_variable: the variable that chooses the role.
        asked: kind of the role that people use: only its deploys wait for a health check, so only it migrates.
        optional: kinds that need no service.
        variables: that it reads: name -> default, None where there is none.
        secrets: names of those whose value is never written down.
        problems: judges the variables of a service one by one: variable -> what the program has against its value.
        refuses: judges them together, as the program does when it starts: variable -> why it would not start, as a sentence without a subject.
        doubts: judges them together, too: variable -> what it does otherwise than somebody may believe.
        ignored: why a variable is not read, although a library that the program is made of would: empty where it may be.
        verifies: whether a `rediss://` address has its server's certificate checked.
        private: whether traffic to a host stays in a private network, by the program's own rule.
        same: variables that must mean the same for every service that has them, such as its servers' addresses.
        readers: of those, variable -> kinds of the roles that go by it: what is set for another role alone does not reach them.
        placeholders: variables whose declared value stands in for one that everybody has to choose.
        production: variable -> the values that production allows, the usual one first.
        merges: the variable by which a service plays more roles than its own, which production refuses; none by default.
        database: the variable with the database's address; none where it uses none.
        pool_size: the variable with the connections that one process may hold.
        smallest_pool: connections that one process may need at the same moment.
        beats: connections that a role with queues holds outside its pools, to report that it lives.
        migration: connections that a migration takes.
        process_mb: resident megabytes of a process with the program's libraries.
        child_kb: the variable with the size at which a pool child is replaced; none where none is.
        soft_shutdown: the variable with the seconds that a stopping worker may go on working; none where it stops at once.
        farewell_seconds: seconds that a worker may take after that.
        entrypoint: script that its image starts, from the repository's root.
        images: images of a single role, which may be missing: Dockerfile -> script that it starts.
        health_check: the route that a deploy should wait for.
        health_routes: the Python file that declares it, with FastAPI's decorators; none where routes cannot be read.
        declared_in: the file that declares the roles.
        documented_in: the file that lists the variables.
        folder: of the deployment's declaration.
        compose: file that starts the same on one machine.
        samples: what a server's variable, or a secret, might hold: variable -> value. Its form is what rules look at.
        read: the roles that a repository declares in its own file `declared_in`; none where only `roles` can be known.
    """

    roles: Mapping[str, ProgramRole]
    role_variable: str
    asked: str
    optional: frozenset[str] = frozenset()
    variables: Mapping[str, Any]
    secrets: frozenset[str] = frozenset()
    problems: Callable[[Mapping[str, str]], Mapping[str, str]] = no_problems
    refuses: Callable[[Mapping[str, str]], Mapping[str, str]] = no_problems
    doubts: Callable[[Mapping[str, str]], Mapping[str, str]] = no_problems
    ignored: Callable[[str], str] = nothing_ignored
    verifies: Callable[[str], bool]
    private: Callable[[str], bool] = is_private
    same: tuple[str, ...] = ()
    readers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    placeholders: frozenset[str] = frozenset()
    production: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    merges: str = ""
    database: str = ""
    pool_size: str = ""
    smallest_pool: int = 1
    beats: int = 0
    migration: int = 0
    process_mb: int
    child_kb: str = ""
    soft_shutdown: str = ""
    farewell_seconds: float = 0
    entrypoint: str
    images: Mapping[str, str] = field(default_factory=dict)
    health_check: str
    health_routes: str = ""
    declared_in: str
    documented_in: str
    folder: str = FOLDER
    compose: str = "docker-compose.yml"
    samples: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[Path], Mapping[str, ProgramRole]] | None = None

    def of(self, root: Path) -> Self:
        """The same program with the roles that a repository declares.

        Args:
            root: of the repository.

        Raises:
            DeploymentError: it declares no roles; names file and line.
        """
        if self.read is None:
            return self
        file = root / self.declared_in
        try:
            # Python itself accepts other bytes in a comment.
            file.read_text(encoding="utf-8")
            roles = {**self.read(file)}
        except FileNotFoundError:
            raise DeploymentError(f"{self.declared_in} is missing, which declares the roles", file) from None
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            problem = f"{self.declared_in} is not UTF-8 in line {line}"
            raise DeploymentError(problem, file, line) from None
        except Exception as error:  # noqa: BLE001 - whatever the file raises, for it is a program
            problem = f"{self.declared_in} declares no roles: {type(error).__name__}: {error}"
            raise DeploymentError(problem, file, raised_in(error, root)[1]) from None
        asked = vars(ProgramRole).keys()
        for kind, role in roles.items():
            lacking = [name for name in asked if not name.startswith("_") and not hasattr(role, name)]
            if lacking:
                raise DeploymentError(
                    f"{self.declared_in}: the role {kind} has no {', '.join(lacking)}", file
                )
        if not roles:
            raise DeploymentError(f"{self.declared_in} declares no roles", file, 1)
        return replace(self, roles=roles)

    @property
    def counted(self) -> tuple[str, ...]:
        """Kinds of the roles that the concurrency table has a column for."""
        return tuple(kind for kind, role in self.roles.items() if role.concurrency)

    def value(self, variable: str, given: Mapping[str, str]) -> Any:
        """The value of a variable: the given one, else its default.

        Args:
            variable: that the program reads.
            given: to a service.
        """
        return given.get(variable, self.variables[variable])


def raised_in(error: Exception, root: Path) -> tuple[Path | None, int]:
    """File and line of the repository at which reading failed; none and 0 where the error was not raised in it.

    Args:
        error: that was raised.
        root: of the repository.
    """
    places = [(frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno or 0))
    own = [(Path(name), line) for name, line in places if Path(name).is_relative_to(root)]
    return own[-1] if own else (None, 0)


def program_of(app: App) -> Program:
    """The program of an application.

    Raises:
        DeclarationError: it declares no program, so that nothing can be judged.
    """
    if app.program is None:
        raise DeclarationError(
            f"{app.name} declares no program: App(program=...), see harness.deployment.program"
        )
    return cast("Program", app.program)
