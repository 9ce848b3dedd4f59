"""The images of this checkout: of the application, as it is deployed, and of the harness's own programs beside it."""

import subprocess
import tomllib

from harness.application import App
from harness.base.progress import Progress, silence
from harness.base.run import ROOT
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import OWN, PYTHON, forget_old, resolve
from harness.substrates.engine.recipe import Recipe, build

KEPT = 8  # images of a name: several checkouts have theirs, and people go back and forth
_made: dict[str, str] = {}  # by this process, to which the files are what they were when it first asked


def app_image(app: App, progress: Progress = silence) -> str:
    """The image of the application for the files as they are now; built if the engine does not have it.

    Args:
        app: whose Dockerfile it is.
        progress: is told each step.

    Returns:
        Its name and tag: other ones for other files.

    Raises:
        EngineError: it cannot be built; with the reason.
    """
    return _image("app", app.dockerfile, "", progress)


def other_image(name: str, dockerfile: str, progress: Progress = silence) -> str:
    """The image of another Dockerfile of the application; else as `app_image`.

    Args:
        name: of the image.
        dockerfile: in the application's folder.
        progress: is told each step.
    """
    return _image(name, dockerfile, "", progress)


def tools_image(progress: Progress = silence, target: str = "tools") -> str:
    """The image of Dockerfile.tools, with proxy and scripted provider; else as `app_image`.

    Args:
        progress: is told each step.
        target: stage of it; `load` is the one with Locust.
    """
    return _image(target, "Dockerfile.tools", target, progress)


def stamps() -> dict[str, str]:
    """What an image says of where it comes from: version, and commit by the name that Railway gives it."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    except (OSError, subprocess.CalledProcessError):  # an archive of the sources has no history
        return {"VERSION": version}
    return {"VERSION": version, "RAILWAY_GIT_COMMIT_SHA": done.stdout.strip()}


def _image(name: str, dockerfile: str, target: str, progress: Progress) -> str:
    if name not in _made:
        base = resolve(PYTHON, the_engine(), progress)
        recipe = Recipe(
            dockerfile=ROOT / dockerfile,
            base=base,
            arguments={"PYTHON_IMAGE": base},
            target=target,
            stamps=stamps(),
        )
        _made[name] = build(the_engine(), recipe, f"{OWN}/{name}:{{inputs}}", progress)
        forget_old(the_engine(), f"{OWN}/{name}", KEPT)
    return _made[name]
