"""A compose project of our own: this checkout's files in another folder, under a name that nobody else has."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness import eventually
from harness.nodes.ports import ReservedPort
from harness.substrates.engine.build import other_image
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import IMAGES, resolve
from harness.substrates.engine.labels import checkout
from scenarios.roadmaps.application import ROOT

UP_SECONDS = 900  # with the images to be built
SHOWN_LINES = 60


class NoJournal:
    """Nobody judges these calls afterwards."""

    def record(self, kind: str, **fields: Any) -> None:
        """Forget it."""


def created(name: str, dockerfile: str, **options: Any) -> Any:
    """A container beside the project, not started yet, as docker-py has it.

    Args:
        name: of its image.
        dockerfile: that the image is built by, in this checkout.
        options: of docker-py's `containers.create`.
    """
    return the_engine().client.containers.create(other_image(name, dockerfile), **options)


class Project:
    """docker compose on a copy of what is under version control, so that no .env of somebody's is read or written.

    Args:
        folder: for the copy; does not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"roadmap-{checkout()}"
        self._ports = {name: ReservedPort() for name in ("API_PORT", "FLOWER_PORT", "LOCUST_PORT")}
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        for name in tracked.decode().split("\0"):
            if name and (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    @property
    def environment(self) -> Mapping[str, str]:
        """For any command: the engine, the project's name, its ports and images."""
        engine = the_engine()
        return {
            **{name: value for name, value in os.environ.items() if name not in self.secrets},
            **engine.environment,
            "COMPOSE_PROJECT_NAME": self.name,
            **{name: str(port.number) for name, port in self._ports.items()},
            **{image.variable: resolve(image, engine) for image in IMAGES},
        }

    @property
    def secrets(self) -> Mapping[str, str]:
        """What is in its .env, if there is one."""
        path = self.folder / ".env"
        lines = path.read_text().splitlines() if path.exists() else []
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    def url(self, port: str = "API_PORT") -> str:
        """Where a published port is reached.

        Args:
            port: variable that names it.
        """
        return f"http://localhost:{self._ports[port].number}"

    def bash(self, script: str) -> str:
        """Run a script as a person would type it; what it prints.

        Raises:
            AssertionError: a command failed; shows what was printed.
        """
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=UP_SECONDS,
            check=False,
        )
        shown = "\n".join([*done.stdout.splitlines(), *done.stderr.splitlines()][-SHOWN_LINES:])
        assert done.returncode == 0, f"{script}\nexited {done.returncode}:\n{shown}"
        return done.stdout

    def compose(self, *words: str) -> str:
        """One command of docker compose, with every profile; what it prints."""
        return self.bash(" ".join(["docker compose --profile '*'", *words]))

    def health(self) -> dict[str, set[str]]:
        """Service -> what the health checks of its containers say."""
        found: dict[str, set[str]] = {}
        for line in self.compose("ps --all --format json").splitlines():
            container = json.loads(line)
            found.setdefault(container["Service"], set()).add(container["Health"] or container["State"])
        return found

    def await_health(self, wanted: Mapping[str, str], timeout: float) -> None:
        """Return once the health checks of these services all say so.

        Args:
            wanted: service -> `healthy` or `unhealthy`.
            timeout: seconds.

        Raises:
            TimeoutError: they do not; shows what they say.
        """

        def said() -> bool:
            health = self.health()
            return all(health.get(service) == {state} for service, state in wanted.items())

        def evidence() -> str:
            return f"{self.health()}\n{self.logs()}"

        eventually(said, timeout=timeout, poll=1, what=f"health: {wanted}", evidence=evidence)

    def logs(self) -> str:
        """The last lines of each container."""
        return self.compose("logs --tail 10 --no-color")

    def down(self) -> None:
        """Remove its containers, networks, volumes and images: ours alone, by the project's name."""
        self.compose("down --volumes --remove-orphans --rmi local --timeout 5")

    def close(self) -> None:
        """Give back the ports."""
        for port in self._ports.values():
            port.close()
