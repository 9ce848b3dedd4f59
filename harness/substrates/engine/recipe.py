"""Builds an image once: again only after a change of its inputs, and only once for several callers at the same time.

The inputs are the files that the Dockerfile itself copies. The engine's own builder is used by its API: it needs no docker
command and no plugin, and works on every engine.
"""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.base.cache import cache_folder, exclusively
from harness.base.dockerfile import DockerfileError, instructions, sources, until
from harness.base.dockerignore import NAME, Dockerignore, DockerignoreError
from harness.base.progress import Progress, silence
from harness.substrates.engine.engine import Engine, EngineError
from harness.substrates.engine.images import OWN

INPUTS = f"{OWN}.inputs"  # label: the digest of the image's inputs
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
BUILD_SECONDS = 900  # seconds between two lines of output
SHOWN_LINES = 25
SHOWN_COLUMNS = 100
_STEP = re.compile(r"^Step (\d+)/(\d+) : (.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The inputs of an image.

    Args:
        dockerfile: its path; the files that it copies lie in the same folder.
        base: the image that it builds on, which the engine has.
        arguments: of the build: name -> value.
        target: stage to stop at; the last one by default.
        added: files that the Dockerfile copies and that are not in the folder: name -> content.
        stamps: arguments that the image only repeats, such as a commit: a new value is no reason to build again.
    """

    dockerfile: Path
    base: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    added: Mapping[str, bytes] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, Path | bytes]:
        """All files of the build: name -> path, or content.

        Raises:
            EngineError: the Dockerfile is not valid, or copies a missing file.
        """
        folder = self.dockerfile.parent
        ignored = _ignored(folder)
        found: dict[str, Path | bytes] = {self.dockerfile.name: self.dockerfile}
        for source in self._copied():
            path = folder / source
            if source in self.added:
                found[source] = self.added[source]
            elif path.is_dir():
                names = (child.relative_to(folder).as_posix() for child in path.rglob("*") if child.is_file())
                found |= {name: folder / name for name in names if not ignored(name)}
            elif path.is_file() and not ignored(source):
                found[source] = path
            else:
                raise EngineError(f"{self.dockerfile} copies {source}, which is not there or ignored")
        return dict(sorted(found.items()))

    def _copied(self) -> list[str]:
        """The paths that the Dockerfile copies from its folder, up to the wanted stage, as they are written there: no patterns."""
        try:
            made = until(instructions(self.dockerfile.read_text()), self.target)
        except DockerfileError as error:
            raise EngineError(f"{self.dockerfile}: {error}") from None
        return [source.rstrip("/") for source in sources(made)]

    def digest(self, engine: Engine) -> str:
        """A digest of its inputs, as 64 hexadecimal digits."""
        facts = [self.target, engine.client.images.get(self.base).id, sorted(self.arguments.items())]
        digest = hashlib.sha256(json.dumps(facts).encode())
        for name, source in self.files().items():
            content = _content(source)
            digest.update(f"{name} {_executable(source)} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()


def build(engine: Engine, recipe: Recipe, reference: str, progress: Progress = silence) -> str:
    """The image of a recipe, built unless the engine has it.

    Args:
        engine: that builds and keeps it.
        recipe: its inputs.
        reference: its name and tag; `{inputs}` is replaced by the first digits of the inputs' digest.
        progress: is told each step.

    Returns:
        The reference.

    Raises:
        EngineError: a step failed; shows its last lines of output.
    """
    digest = recipe.digest(engine)
    reference = reference.format(inputs=digest[:12])
    with exclusively(cache_folder() / "images" / reference.replace("/", "-").replace(":", "-")):
        if _built_from(engine, reference) != digest:
            _run(engine, recipe, reference, digest, progress)
    return reference


def _built_from(engine: Engine, reference: str) -> str:
    import docker.errors

    try:
        return str(engine.client.images.get(reference).labels.get(INPUTS, ""))
    except docker.errors.ImageNotFound:
        return ""


def _run(engine: Engine, recipe: Recipe, reference: str, digest: str, progress: Progress) -> None:
    import docker.errors

    output: list[str] = []
    try:
        for line in _lines(engine, recipe, reference, digest):
            if "error" in line:
                shown = "".join(output).splitlines()[-SHOWN_LINES:]
                raise EngineError(
                    "\n".join([f"building {reference} failed: {line['error'].strip()}", *shown])
                )
            output.append(line.get("stream", ""))
            if step := _STEP.match(output[-1]):
                number, count, what = step.groups()
                progress(f"building {reference}: step {number} of {count}: {what.strip()[:SHOWN_COLUMNS]}")
    except docker.errors.APIError as error:
        raise EngineError(f"building {reference} failed: {error.explanation}") from error


def _lines(engine: Engine, recipe: Recipe, reference: str, digest: str) -> Iterator[dict[str, Any]]:
    proxies = {name: os.environ[name] for name in PROXIES if os.environ.get(name)}
    lines: Iterator[dict[str, Any]] = engine.client.api.build(
        fileobj=_context(recipe.files()),
        custom_context=True,
        dockerfile=recipe.dockerfile.name,
        tag=reference,
        buildargs={**proxies, **recipe.arguments, **recipe.stamps},
        target=recipe.target or None,
        labels={INPUTS: digest},
        rm=True,
        forcerm=True,
        timeout=BUILD_SECONDS,
        decode=True,
    )
    return lines


def _context(files: Mapping[str, Path | bytes]) -> io.BytesIO:
    """An archive of the files for the engine, with only name, content and mode of each."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, source in files.items():
            member = tarfile.TarInfo(name)
            content = _content(source)
            member.size, member.mode = len(content), 0o755 if _executable(source) else 0o644
            tar.addfile(member, io.BytesIO(content))
    archive.seek(0)
    return archive


def _content(source: Path | bytes) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()


def _executable(source: Path | bytes) -> bool:
    return isinstance(source, Path) and bool(source.stat().st_mode & 0o100)


def _ignored(folder: Path) -> Callable[[str], bool]:
    ignore = folder / NAME
    try:
        return Dockerignore.of(ignore.read_text() if ignore.exists() else "").matcher().matches
    except DockerignoreError as error:
        raise EngineError(f"{ignore}: {error}") from None
