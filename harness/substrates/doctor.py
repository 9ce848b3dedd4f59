"""What this machine can run, and for what it cannot, the command that would change it."""

import math
import os
import platform
import pwd
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table
from rich.text import Text

from harness.application import App, DeclarationError, Server
from harness.base.browser import NoBrowserError, Programs
from harness.base.run import ENOUGH_MEMORY_BYTES, SHARED_MEMORY
from harness.substrates import binaries, choice
from harness.substrates.engine.engine import Engine, why_no_engine
from harness.substrates.engine.images import IMAGES, Choice, Image, choose

OLDEST_PYTHON = (3, 11)
PLATFORMS = {"Linux": ("x86_64", "aarch64"), "Darwin": ("x86_64", "arm64")}
ENOUGH_CORES = 2
ENOUGH_FILES = 1024
COMPOSE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a stack needs of the machine.

    Args:
        what: is needed.
        ok: whether it is there.
        detail: what was found.
        remedy: what to do about it; empty if nothing is to be done.
        blocks: the substrates that cannot run without it; none if they only run worse.
    """

    what: str
    ok: bool
    detail: str
    remedy: str = ""
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Facts about the machine: everything that `examine` looks at.

    Args:
        python: version.
        system: `Linux`, `Darwin`, ...
        architecture: `x86_64`, ...
        root: whether we are root.
        nobody: whether the user `nobody` exists.
        postgres: why there are no PostgreSQL binaries; empty if there are.
        valkey: why there are no Valkey binaries; empty if there are.
        room: folder for the servers' data -> free bytes, the preferred one first.
        engine: why no Docker engine answers; empty if one does.
        images: the images for stacks in containers; nothing without an engine.
        compose: its version; empty if there is none.
        browser: why no browser can be driven; empty if one can.
        cores: that we may use.
        files: that a process may hold open.
        packages: a substrate's name -> why it cannot be imported; only for those that cannot.
        programs: name of a server that the application declares -> why its program is not there; empty where it is.
        imageless: names of declared servers without an image.
    """

    python: tuple[int, int]
    system: str
    architecture: str
    root: bool
    nobody: bool
    postgres: str
    valkey: str
    room: dict[str, int] = field(default_factory=dict)
    engine: str
    images: tuple[Choice, ...] = ()
    compose: str
    browser: str
    cores: int
    files: float
    packages: Mapping[str, str] = field(default_factory=dict)
    programs: Mapping[str, str] = field(default_factory=dict)
    imageless: tuple[str, ...] = ()

    @classmethod
    def probe(cls, app: App | None = None) -> "Machine":
        """Get the facts of this machine; takes a few seconds at most.

        Args:
            app: the application whose stacks it must run; by default only the needs of every stack are checked.
        """
        servers = [] if app is None else [*app.servers.values()]
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        engine = why_no_engine()
        return cls(
            python=(sys.version_info.major, sys.version_info.minor),
            system=platform.system(),
            architecture=platform.machine(),
            root=os.geteuid() == 0,
            nobody=_exists(binaries.UNPRIVILEGED_USER),
            postgres=_missing(binaries.postgres),
            valkey=_missing(binaries.valkey),
            room={str(folder): shutil.disk_usage(folder).free for folder in _data_folders()},
            engine=engine,
            images=() if engine else _chosen_images(servers),
            compose=compose_version(),
            browser=_missing(Programs.find),
            cores=len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1,
            files=math.inf if files == resource.RLIM_INFINITY else files,
            packages=_missing_packages(),
            programs={server.name: _missing_program(server, app.search_path) for server in servers if app},
            imageless=tuple(server.name for server in servers if not server.image),
        )


def examine(machine: Machine) -> list[Need]:
    """Judge a machine.

    Returns:
        A need for each thing that a stack needs.
    """
    mac = machine.system == "Darwin"
    folder, room = _chosen_room(machine)
    every = tuple(choice.SUBSTRATES)
    kinds = {name: choice.substrate(name) for name in every if name not in machine.packages}
    with_engine = tuple(name for name, kind in kinds.items() if kind.needs_engine)
    with_binaries = tuple(name for name, kind in kinds.items() if kind.needs_binaries)
    return [
        Need(
            "Python",
            machine.python >= OLDEST_PYTHON,
            "{}.{}".format(*machine.python),
            "make setup PYTHON=python3.11   # or newer",
            every,
        ),
        Need(
            "platform",
            machine.architecture in PLATFORMS.get(machine.system, ()),
            f"{machine.system} {machine.architecture}",
            "use Linux or macOS on x86-64 or ARM; on Windows: wsl --install",
            every,
        ),
        Need("PostgreSQL", not machine.postgres, machine.postgres or "embedded", "make setup", with_binaries),
        Need("Valkey", not machine.valkey, machine.valkey or "embedded", "make setup", with_binaries),
        *(
            Need(
                f"program of {name}",
                not why,
                why or "is there",
                "install it, or put it on PATH",
                with_binaries,
            )
            for name, why in machine.programs.items()
        ),
        Need(
            "server user",
            machine.nobody or not machine.root,
            _server_user(machine),
            "useradd --system --no-create-home nobody   # PostgreSQL refuses to run as root",
            with_binaries,
        ),
        Need(
            "room for data",
            room >= ENOUGH_MEMORY_BYTES,
            f"{room / 2**30:.1f} GiB in {folder}",
            f"export TMPDIR=...   # a folder with {ENOUGH_MEMORY_BYTES / 2**30:.1f} GiB free",
            with_binaries,
        ),
        Need(
            "Docker engine",
            not machine.engine,
            machine.engine or "answers",
            _remedy_for_engine(machine.engine, mac=mac),
            with_engine,
        ),
        *(
            Need(f"packages of {name}", False, why, "make setup", (name,))
            for name, why in machine.packages.items()
        ),
        *_images(machine.images),
        *(
            Need(
                f"image of {name}", False, "none is declared", "declare one: image=..., port=...", with_engine
            )
            for name in machine.imageless
        ),
        Need(
            "Compose",
            bool(machine.compose),
            machine.compose or "none",
            "brew install docker-compose" if mac else "apt-get install docker-compose",
        ),
        Need(
            "browser",
            not machine.browser,
            machine.browser or "can be driven",
            "brew install --cask google-chrome chromedriver"
            if mac
            else "apt-get install chromium chromium-driver",
        ),
        Need(
            "cores",
            machine.cores >= ENOUGH_CORES,
            str(machine.cores),
            f"give the machine {ENOUGH_CORES} cores or more; it works with fewer, and slowly",
        ),
        Need(
            "open files", machine.files >= ENOUGH_FILES, str(machine.files), f"ulimit -n {4 * ENOUGH_FILES}"
        ),
    ]


def runnable(needs: Iterable[Need]) -> list[str]:
    """The substrates that this machine can run."""
    blocked = {substrate for need in needs if not need.ok for substrate in need.blocks}
    return [substrate for substrate in choice.SUBSTRATES if substrate not in blocked]


def as_table(needs: Iterable[Need]) -> Table:
    """The needs for people, with the remedy below each missing thing."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for need in needs:
        style = "green" if need.ok else "red" if need.blocks else "yellow"
        table.add_row(need.what, Text("yes" if need.ok else "no", style), Text(need.detail))
        if not need.ok:
            table.add_row("", "", Text(need.remedy, "bold"))
    return table


def compose_version() -> str:
    """The version of Docker Compose; empty if there is none."""
    for command in (["docker", "compose"], ["docker-compose"]):
        try:
            done = subprocess.run(
                [*command, "version", "--short"],
                capture_output=True,
                text=True,
                timeout=COMPOSE_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return done.stdout.strip()
    return ""


def _images(choices: Collection[Choice]) -> Iterator[Need]:
    if choices:
        awaited = [choice.reference for choice in choices if not choice.there]
        yield Need(
            "images",
            not awaited,
            f"to be pulled: {', '.join(awaited)}"
            if awaited
            else ", ".join(f"{choice.reference} ({choice.source.value})" for choice in choices),
            "harness images build   # where no registry can be reached",
        )


def _chosen_images(servers: Sequence[Server]) -> tuple[Choice, ...]:
    engine = Engine.find()
    declared = [Image.of(server.image, server.name) for server in servers if server.image]
    return tuple(choose(image, engine) for image in dict.fromkeys((*IMAGES, *declared)))


def _missing_program(server: Server, search_path: str) -> str:
    try:
        program, *_ = server.program()
    except (DeclarationError, binaries.BinariesMissingError) as error:
        return str(error)
    return "" if shutil.which(program, path=search_path) else f"there is no {program}"


def _missing_packages() -> dict[str, str]:
    found = {}
    for name in choice.SUBSTRATES:
        try:
            choice.substrate(name)
        except ImportError as error:
            found[name] = str(error)
    return found


def _data_folders() -> list[Path]:
    folders = [SHARED_MEMORY, Path(tempfile.gettempdir())]
    return [folder for folder in folders if folder.is_dir() and os.access(folder, os.W_OK)]


# The variable that is set wrong, as the errors of harness/substrates/engine name it.
NAMED_WRONG = re.compile(r"(?:^|by )(DOCKER_\w+|TESTCONTAINERS_\w+)(?=:| is | names | asks )")


def _remedy_for_engine(why: str, *, mac: bool) -> str:
    """What to do where no engine answers: an engine that refuses us, or is not started, need not be installed."""
    if "Permission denied" in why:
        return "sudo usermod -aG docker $USER   # then log in again"
    if wrong := NAMED_WRONG.search(why):
        return f"unset {wrong[1]}   # or correct it"
    stopped = "Connection refused" in why
    if mac:
        return "colima start" if stopped else "brew install colima docker && colima start"
    return "service docker start" if stopped else "apt-get install docker.io && service docker start"


def _chosen_room(machine: Machine) -> tuple[str, int]:
    """The first folder that is large enough, as a run chooses it; else the last one."""
    folders = list(machine.room.items()) or [("no folder that we may write to", 0)]
    return next((found for found in folders if found[1] >= ENOUGH_MEMORY_BYTES), folders[-1])


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _missing(find: Callable[[], object]) -> str:
    try:
        find()
    except (binaries.BinariesMissingError, NoBrowserError) as error:
        return str(error)
    return ""


def _server_user(machine: Machine) -> str:
    if not machine.root:
        return "ourselves"
    return "nobody, for we are root" if machine.nobody else "we are root and there is no user nobody"
