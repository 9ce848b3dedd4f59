"""A compose project for the tests: a copy of this checkout's files, under a name of its own."""

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

UP_SECONDS = 900  # includes building the images
SHOWN_LINES = 60


class NoJournal:
    """A journal that drops all calls, because no check judges them."""

    def record(self, kind: str, **fields: Any) -> None:
        """Forget it."""


def created(name: str, dockerfile: str, **options: Any) -> Any:
    """Create a container beside the project with docker-py, without starting it.

    Args:
        name: of its image.
        dockerfile: of the image, in this checkout.
        options: of docker-py's `containers.create`.
    """
    return the_engine().client.containers.create(other_image(name, dockerfile), **options)


class Project:
    """Runs docker compose on a copy of the versioned files, so that it does not read or write a developer's .env.

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
        """The variables of every command: the engine, the project's name, its ports and images."""
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
        """The content of its .env, if there is one."""
        path = self.folder / ".env"
        lines = path.read_text().splitlines() if path.exists() else []
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    def url(self, port: str = "API_PORT") -> str:
        """The address of a published port.

        Args:
            port: the variable with its number.
        """
        return f"http://localhost:{self._ports[port].number}"

    def bash(self, script: str) -> str:
        """Run a script as a person would type it; returns its output.

        Raises:
            AssertionError: a command failed; shows the output.
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
        """Run one command of docker compose, with every profile; returns its output."""
        return self.bash(" ".join(["docker compose --profile '*'", *words]))

    def health(self) -> dict[str, set[str]]:
        """Service -> results of its containers' health checks."""
        found: dict[str, set[str]] = {}
        for line in self.compose("ps --all --format json").splitlines():
            container = json.loads(line)
            found.setdefault(container["Service"], set()).add(container["Health"] or container["State"])
        return found

    def await_health(self, wanted: Mapping[str, str], timeout: float) -> None:
        """Return once the health checks of these services all have the wanted results.

        Args:
            wanted: service -> `healthy` or `unhealthy`.
            timeout: seconds.

        Raises:
            TimeoutError: they do not; shows their results.
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
        """Remove the project's containers, networks, volumes and images, found by its name."""
        self.compose("down --volumes --remove-orphans --rmi local --timeout 5")

    def close(self) -> None:
        """Free the ports."""
        for port in self._ports.values():
            port.close()
