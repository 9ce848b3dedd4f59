"""The images for stacks: every name, tag and variable is in this one place, with the choice between them.

The default is the official image. Where no registry can be reached, `harness images build` makes images of our own that
understand the same variables and commands, and these are taken instead.
"""

import contextlib
import enum
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.base.progress import Progress, silence
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.engine import Engine, EngineError

OWN = "celery-harness"  # prefix of the names of our own images


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image that a stack needs.

    Args:
        name: of the official one.
        tag: of the official one, and of ours.
        variable: environment variable that names another image; for the default version only.
        program: what is in it, for people.
    """

    name: str
    tag: str
    variable: str
    program: str

    @classmethod
    def of(cls, reference: str, program: str) -> "Image":
        """An image by its name on an engine.

        Args:
            reference: name, and tag if it is not the latest.
            program: what is in it, for people.
        """
        name, tag = split(reference)
        return cls(name=name, tag=tag, variable="", program=program)

    @property
    def official(self) -> str:
        return f"{self.name}:{self.tag}"

    @property
    def own(self) -> str:
        return f"{OWN}/{self.name}:{self.tag}"

    def version(self, version: str) -> "Image":
        """The same with another version, which no variable replaces.

        Args:
            version: as the official tags have it, such as `15`.
        """
        _, hyphen, variant = self.tag.partition("-")
        asked = replace(self, tag=f"{version}{hyphen}{variant}")
        return self if asked == self else replace(asked, variable="")


POSTGRES = Image(name="postgres", tag="17", variable="HARNESS_POSTGRES_IMAGE", program="PostgreSQL")
REDIS = Image(name="redis", tag="8", variable="HARNESS_REDIS_IMAGE", program="Redis")
PYTHON = Image(name="python", tag="3.13-slim", variable="HARNESS_PYTHON_IMAGE", program="Python")
IMAGES = (POSTGRES, REDIS, PYTHON)

# The versions that `harness images build` makes from each Debian suite.
SUITES = {
    "trixie": {"postgres": "17", "redis": "8", "python": "3.13"},
    "bookworm": {"postgres": "15", "redis": "7", "python": "3.11"},
}
DEFAULT_SUITE = "trixie"


class Source(enum.Enum):
    """Where an image comes from."""

    NAMED = "yours"
    OFFICIAL = "official"
    OWN = "our own build"


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice for an image.

    Args:
        reference: name and tag, as the engine understands them.
        source: where it comes from.
        there: whether the engine has it; else it must be pulled.
    """

    reference: str
    source: Source
    there: bool


def choose(image: Image, engine: Engine, environ: Mapping[str, str] | None = None) -> Choice:
    """Choose by the engine's images; asks no registry.

    Args:
        image: that is needed.
        engine: that will run it.
        environ: with the image's variable; this process's own by default.
    """
    environ = os.environ if environ is None else environ
    if named := environ.get(image.variable, ""):
        return Choice(named, Source.NAMED, has(engine, named))
    for reference, source in ((image.official, Source.OFFICIAL), (image.own, Source.OWN)):
        if has(engine, reference):
            return Choice(reference, source, there=True)
    return Choice(image.official, Source.OFFICIAL, there=False)


def resolve(
    image: Image,
    engine: Engine | None = None,
    progress: Progress = silence,
    environ: Mapping[str, str] | None = None,
) -> str:
    """Get the image to run; the engine has it when this returns.

    Args:
        image: that is needed.
        engine: that will run it; the one that answers by default.
        progress: is told how far pulling is.
        environ: with the image's variable; this process's own by default.

    Returns:
        Its name and tag.

    Raises:
        EngineError: the image is not there and cannot be pulled; says what to do.
    """
    engine = engine or the_engine()
    choice = choose(image, engine, environ)
    if not choice.there:
        try:
            pull(engine, choice.reference, progress)
        except EngineError as error:
            raise EngineError(f"{error}\n{remedy(image, choice)}") from error
    return choice.reference


def has(engine: Engine, reference: str) -> bool:
    """Whether the engine has an image."""
    import docker.errors

    try:
        engine.client.images.get(reference)
    except docker.errors.ImageNotFound:
        return False
    return True


def forget_old(engine: Engine, repository: str, kept: int, label: str = "") -> None:
    """Remove the oldest images of a name, but none that a container uses.

    Args:
        engine: that has them.
        repository: their name.
        kept: how many of them stay.
        label: `name=value` that they have; any by default.
    """
    import docker.errors

    # Use one list: between a list and a look at each image, another process may remove one.
    images = engine.client.api
    found = images.images(repository, filters={"label": label} if label else None)
    for old in sorted(found, key=lambda image: int(image["Created"]), reverse=True)[kept:]:
        with contextlib.suppress(docker.errors.APIError):  # in use, or removed meanwhile
            images.remove_image(old["Id"])


def pull(engine: Engine, reference: str, progress: Progress = silence) -> None:
    """Make the engine fetch an image from its registry.

    Args:
        engine: that will have it.
        reference: name and tag.
        progress: is told how far it is.

    Raises:
        EngineError: it could not; with the engine's reason.
    """
    import docker.errors

    name, tag = split(reference)
    layers: dict[str, tuple[int, int]] = {}
    try:
        for line in engine.client.api.pull(name, tag, stream=True, decode=True):
            if "error" in line:
                raise EngineError(f"{reference} is not here and cannot be pulled: {line['error']}")
            if _counted(line, layers):
                done, whole = (sum(part) for part in zip(*layers.values(), strict=True))
                progress(f"pulling {reference}: {done / 2**20:.0f} of {whole / 2**20:.0f} MB")
    except docker.errors.APIError as error:
        raise EngineError(f"{reference} is not here and cannot be pulled: {error.explanation}") from error


def split(reference: str) -> tuple[str, str]:
    """The name and the tag of an image.

    Args:
        reference: as an engine names it.
    """
    name, _, tag = reference.rpartition(":")
    if "/" in tag or not name:  # no tag: a colon, if any, belongs to a port
        return reference, "latest"
    return name, tag


def _counted(line: Mapping[str, Any], layers: dict[str, tuple[int, int]]) -> bool:
    """Note a layer's progress from a line of the engine; false where the line has no size."""
    detail = line.get("progressDetail") or {}
    if line.get("status") != "Downloading" or "total" not in detail:
        return False
    layers[line["id"]] = (detail["current"], detail["total"])
    return True


def remedy(image: Image, choice: Choice) -> str:
    """What to do where an image is not there and cannot be pulled."""
    if choice.source is Source.NAMED:
        return f"{image.variable} names it: correct or unset it"
    made = {suite: versions[image.name] for suite, versions in SUITES.items() if image.name in versions}
    if not made:
        return f"have the engine pull or load {choice.reference}; there is no recipe for it"
    suites = [suite for suite, version in made.items() if image.version(version).tag == image.tag]
    if not suites:
        return f"there is no recipe for it; recipes make {', '.join(v[image.name] for v in SUITES.values())}"
    of_suite = "" if suites[0] == DEFAULT_SUITE else f" --suite {suites[0]}"
    command = f"build one from Debian packages: harness images build{of_suite} {image.name}"
    return f"{command}   # or name yours by {image.variable}" if image.variable else command
