"""A container as a member of a stack."""

import contextlib
import hashlib
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker.errors
import docker.types
import requests
from docker.models.containers import Container as DockerContainer
from testcontainers.core.container import DockerContainer as TestContainer

import harness.substrates.engine.ryuk  # noqa: F401 - which decides about testcontainers' reaper before the first container
from harness.base.logs import SHOWN_LINES
from harness.base.wait import WaitTimeoutError, eventually
from harness.nodes.member import Use
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.engine import EngineError
from harness.substrates.engine.host import LOOPBACK, out_of_reach
from harness.substrates.engine.labels import NODE, RUN, WANTED, labels
from harness.substrates.engine.programs_in_roles import KILL_CHILD, USE

# Exit code of an engine for SIGKILL; nothing else ends so, because SIGKILL cannot be caught.
KILLED = 128 + signal.SIGKILL
KILL_SECONDS = 30.0
HANDLER_SECONDS = 5.0  # seconds until a program handles a signal: an init takes milliseconds
REACH_SECONDS = 10.0  # seconds for a connection; a slower one counts as none
OLDEST_API = "1.40"  # version of the API since which aliases of an endpoint have this form
GONE = (docker.errors.DockerException, requests.RequestException)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A container that is wanted.

    Args:
        image: it is made of.
        node: what it is in its run.
        run_id: of the run that it must not outlive.
        alias: its name on the engine, and in the network.
        network: network that it is in; by default the engine's own, where its name is not known.
        command: instead of the image's own.
        env: variables it is given.
        ports: ports that it listens on and that we must reach.
        folder: folder of this machine that is copied into its `/etc` before it starts.
        volumes: name of a volume -> path at which it has it.
        memory_mb: limit of its memory; none by default.
        cpus: limit of its processor time; none by default.
    """

    image: str
    node: str
    run_id: str
    alias: str
    network: str = ""
    command: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    ports: Sequence[int] = ()
    folder: Path | None = None
    volumes: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int | None = None
    cpus: float | None = None

    @property
    def digest(self) -> str:
        """A digest of all these; it is a label of the container."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


class Container:
    """A container of ours, from its first start on. It is a Member: see there for its methods.

    Args:
        wrapped: as docker-py has it.
    """

    def __init__(self, wrapped: DockerContainer) -> None:
        self._wrapped = wrapped
        self._ports: dict[str, Any] = {}  # published ports, once they were asked for
        self._hears: set[int] = set()  # signals that it handles, of those that were sent since its start
        self._watch()

    @classmethod
    def start(cls, wanted: Wanted) -> "Container":
        """Create one and start it.

        Args:
            wanted: what is wanted.

        Raises:
            EngineError: the engine refused, or publishes its ports where we cannot reach them.
        """
        engine = the_engine()
        made = TestContainer(wanted.image)
        made.with_envs(**wanted.env).with_name(wanted.alias)
        interface = "0.0.0.0" if engine.remote else LOOPBACK
        published: dict[str, Any] = {f"{port}/tcp": (interface, None) for port in wanted.ports}
        made.ports.update(published)  # with_exposed_ports would publish them to the whole network
        label = labels(wanted.run_id, wanted.node) | {WANTED: wanted.digest}
        made.with_kwargs(labels=label, **_networking(wanted), **_limits(wanted))
        if wanted.command:
            made.with_command(list(wanted.command))
        for volume, path in wanted.volumes.items():
            made.with_volume_mapping(volume, path, "rw")
        if wanted.folder:
            made.with_copy_into_container(wanted.folder, "/etc")
        try:
            made.start()
        except GONE as error:
            with contextlib.suppress(*GONE):
                made.stop()
            raise EngineError(f"{wanted.node} from {wanted.image}: {error}") from error
        started = cls(made.get_wrapped_container())
        if wanted.ports and engine.remote:
            host, _, port = started.address(wanted.ports[0]).rpartition(":")
            if problem := out_of_reach(host, int(port), REACH_SECONDS):
                started.remove()
                raise EngineError(problem)
        return started

    @classmethod
    def find(cls, run_id: str, node: str) -> "Container | None":
        """The container of this node in a run; None if there is none.

        Args:
            run_id: of the run.
            node: what it is in it.
        """
        wanted: dict[str, Any] = {"label": [f"{RUN}={run_id}", f"{NODE}={node}"]}
        found = the_engine().client.containers.list(all=True, filters=wanted, ignore_removed=True)
        return cls(found[0]) if found else None

    @property
    def pid(self) -> int:
        """See Member."""
        self._wrapped.reload()
        return int(self._wrapped.attrs["State"]["Pid"])

    @property
    def alive(self) -> bool:
        """See Member."""
        return not self._ended.is_set()

    @property
    def returncode(self) -> int | None:
        """See Member."""
        return self._code

    def fits(self, wanted: Wanted) -> bool:
        """Whether it was made exactly as wanted.

        Args:
            wanted: what is wanted now.
        """
        return bool(self._wrapped.labels.get(WANTED) == wanted.digest)

    def address(self, port: int) -> str:
        """The `host:port` by which we reach one of its ports; it changes at each start.

        Args:
            port: it listens on.
        """
        if not self._ports:
            self._wrapped.reload()
            self._ports = self._wrapped.attrs["NetworkSettings"]["Ports"]
        return f"{the_engine().address}:{self._ports[f'{port}/tcp'][0]['HostPort']}"

    def tail(self) -> str:
        """The last lines that it wrote."""
        return self._wrapped.logs(tail=SHOWN_LINES).decode(errors="replace")

    def start_again(self) -> None:
        """Start it again after its end, with its data."""
        self._wrapped.start()
        self._ports, self._hears = {}, set()
        self._watch()

    def interrupt(self, number: int) -> None:
        """See Member. The kernel drops a signal to process 1 without a handler, so we first wait until a starting program has one."""
        if number not in {signal.SIGKILL, *self._hears}:
            what = f"a handler in {self._wrapped.name}"
            # A program without a handler does not get it, as on any platform.
            with contextlib.suppress(WaitTimeoutError):
                eventually(lambda: self._listens_to(number), timeout=HANDLER_SECONDS, what=what)
            self._hears.add(number)
        self._ask(lambda: self._wrapped.kill(signal.Signals(number).name))

    def kill(self) -> None:
        """See Member."""
        self._ask(self._wrapped.kill)
        self.wait(KILL_SECONDS)

    def finish(self) -> None:
        """See Member; all of a container ends with its main process."""

    def pause(self) -> None:
        """See Member."""
        self._ask(self._wrapped.pause)

    def resume(self) -> None:
        """See Member."""
        self._wrapped.reload()
        if self._wrapped.status == "paused":
            self._ask(self._wrapped.unpause)

    def kill_child(self) -> int:
        """See Member."""
        pid = self._inside(KILL_CHILD)
        if not pid:
            raise LookupError(f"{self._wrapped.name} has no pool child")
        return int(pid)

    @property
    def frozen(self) -> bool:
        """See Member; an engine freezes every process of a container."""
        self._wrapped.reload()
        return bool(self._wrapped.status == "paused")

    def use(self) -> Use:
        """See Member.

        Raises:
            EngineError: the container ended during the question: then the engine passes on only a part of the answer, perhaps
                nothing.
        """
        match self._inside(USE).split():
            case [descriptors, memory, seconds]:
                return Use(int(descriptors), int(memory), float(seconds))
            case said:
                raise EngineError(f"{self._wrapped.name} ended while it was asked what it uses: {said}")

    def wait(self, timeout: float) -> int:
        """See Member.

        Raises:
            EngineError: the engine is gone, so the exit code is unknown.
        """
        if not self._ended.wait(timeout):
            raise TimeoutError(f"{self._wrapped.name} did not end within {timeout:g} s")
        if self._code is None:
            raise EngineError(f"how {self._wrapped.name} ended, nobody knows: its engine is gone")
        return self._code

    def commit(self, repository: str, tag: str, changes: Sequence[str]) -> None:
        """Make an image of what is in it.

        Args:
            repository: name of the image.
            tag: of the image.
            changes: Dockerfile instructions that replace its own.
        """
        self._ask(lambda: self._wrapped.commit(repository, tag, changes="\n".join(changes)))

    def remove(self) -> None:
        """End it, and remove it with its data."""
        with contextlib.suppress(docker.errors.NotFound):
            self._wrapped.remove(force=True, v=True)
        self._watcher.join(KILL_SECONDS)
        self.close()

    def close(self) -> None:
        """Let go of it, whether it runs or not."""
        if self._wrapped.client is not None:
            self._wrapped.client.close()

    def _inside(self, program: str) -> str:
        """The output of a Python program that runs in it."""
        try:
            code, said = self._wrapped.exec_run(["python", "-c", program])
        except GONE as error:
            raise EngineError(str(error)) from error
        text = b"".join([said] if isinstance(said, bytes) else said).decode(errors="replace").strip()
        if code:
            raise EngineError(f"a program in {self._wrapped.name} failed: {text}")
        return text

    def _listens_to(self, number: int) -> bool:
        """Whether process 1 handles a signal, or keeps it for later; also true if that is unknown, or it has ended."""
        try:
            code, said = self._wrapped.exec_run(["cat", "/proc/1/status"])
        except GONE:
            return True
        return code != 0 or handles(b"".join([said] if isinstance(said, bytes) else said).decode(), number)

    def _ask(self, verb: Callable[[], object]) -> None:
        try:
            verb()
        except GONE as error:
            raise EngineError(str(error)) from error

    def _watch(self) -> None:
        """Wait for its end in a thread: to ask the engine each time would take milliseconds."""
        self._ended = threading.Event()
        self._code: int | None = None
        self._watcher = threading.Thread(
            target=self._await_end, args=(self._ended,), name=f"end of {self._wrapped.name}", daemon=True
        )
        self._watcher.start()

    def _await_end(self, ended: threading.Event) -> None:
        try:
            code = int(self._wrapped.wait()["StatusCode"])
            self._code = -signal.SIGKILL if code == KILLED else code
        except GONE:
            pass  # removed, or the engine is gone: it has ended, and the exit code is unknown
        finally:
            ended.set()


def handles(status: str, number: int) -> bool:
    """Whether a process has a handler for a signal, or has blocked it, so that it is kept and not lost.

    Args:
        status: of the process, as Linux has it in `/proc/PID/status`.
        number: of the signal.
    """
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    kept = int(fields["SigBlk"], 16) | int(fields["SigCgt"], 16)
    return bool(kept >> (number - 1) & 1)


def _networking(wanted: Wanted) -> dict[str, Any]:
    if not wanted.network:
        return {"network_mode": "bridge"}
    endpoint = docker.types.EndpointConfig(OLDEST_API, aliases=[wanted.alias])
    return {"network": wanted.network, "networking_config": {wanted.network: endpoint}}


def _limits(wanted: Wanted) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if wanted.memory_mb:  # the same limit for both: no additional swap
        found |= {"mem_limit": f"{wanted.memory_mb}m", "memswap_limit": f"{wanted.memory_mb}m"}
    if wanted.cpus:
        found["nano_cpus"] = int(wanted.cpus * 1e9)
    return found
