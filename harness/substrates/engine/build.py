"""The images of this checkout: of the application, as it is deployed, and of the harness's own programs beside it."""

import io
import subprocess
import tarfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from harness.application import App, DeclarationError
from harness.base.progress import Progress, silence
from harness.base.project import SOURCE
from harness.base.run import ROOT
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import OWN, PYTHON, forget_old, resolve
from harness.substrates.engine.recipe import Recipe, build

KEPT = 8  # images of a name that are kept: for several checkouts and branches
OWN_TOOLS = Path(__file__).with_name("Dockerfile.tools")
TOOLS = ("harness/__init__.py", "harness/fake_openai.py", "harness/nodes/proxy", "harness/providers")
# Images that this process has built; it does not look for later changes of the files.
_made: dict[tuple[Path, str], str] = {}


def app_image(app: App, progress: Progress = silence) -> str:
    """The image of the application for the files as they are now; built if the engine does not have it.

    Args:
        app: whose Dockerfile it is.
        progress: is told each step.

    Returns:
        Its name and tag, which change with the files.

    Raises:
        DeclarationError: it has no Dockerfile.
        EngineError: the image cannot be built; says why.
    """
    if not app.dockerfile:
        raise DeclarationError(f"{app.name} has no image: dockerfile=... says what it is built by")
    return _image("app", app.root / app.dockerfile, "", progress)


def other_image(name: str, dockerfile: str, progress: Progress = silence) -> str:
    """The image of another Dockerfile of the application; in other ways like `app_image`.

    Args:
        name: of the image.
        dockerfile: in the application's folder.
        progress: is told each step.
    """
    return _image(name, ROOT / dockerfile, "", progress)


def tools_image(app: App, progress: Progress = silence, target: str = "tools") -> str:
    """The image with proxy and scripted providers; in other ways like `app_image`.

    Args:
        app: whose stacks have it.
        progress: is told each step.
        target: stage of it.
    """
    if app.tools:
        return _image(target, app.root / app.tools, target, progress)
    return _image(target, OWN_TOOLS, target, progress, {"harness.tar": _archive(TOOLS)})


def stamps(root: Path = ROOT) -> dict[str, str]:
    """The stamps of an image: version, and commit under the name that Railway uses.

    Args:
        root: of the project that it is of.
    """
    project = (
        tomllib.loads((root / "pyproject.toml").read_text()) if (root / "pyproject.toml").exists() else {}
    )
    version = str(project.get("project", {}).get("version", "unknown"))
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    except (OSError, subprocess.CalledProcessError):  # sources from an archive have no history
        return {"VERSION": version}
    return {"VERSION": version, "RAILWAY_GIT_COMMIT_SHA": done.stdout.strip()}


def _image(
    name: str, dockerfile: Path, target: str, progress: Progress, added: Mapping[str, bytes] | None = None
) -> str:
    if (dockerfile, target) not in _made:
        base = resolve(PYTHON, the_engine(), progress)
        recipe = Recipe(
            dockerfile=dockerfile,
            base=base,
            arguments={"PYTHON_IMAGE": base},
            target=target,
            added=added or {},
            stamps=stamps(dockerfile.parent),
        )
        _made[dockerfile, target] = build(the_engine(), recipe, f"{OWN}/{name}:{{inputs}}", progress)
        forget_old(the_engine(), f"{OWN}/{name}", KEPT)
    return _made[dockerfile, target]


def _archive(names: tuple[str, ...]) -> bytes:
    """An archive of the harness's files, wherever it is installed: equal files give an equal archive."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in sorted(
            found for name in names for found in (SOURCE / name, *(SOURCE / name).rglob("*.py"))
        ):
            if path.is_file():
                member = tarfile.TarInfo(path.relative_to(SOURCE).as_posix())
                content = path.read_bytes()
                member.size, member.mode = len(content), 0o644
                tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()
