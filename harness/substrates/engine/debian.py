"""Debian base images made on this machine: debootstrap from the mirror that the machine itself uses, then `docker import`."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from harness.base.cache import cache_folder, exclusively
from harness.base.progress import Progress, silence
from harness.substrates.engine.engine import Engine, EngineError
from harness.substrates.engine.images import OWN, has

MIRROR = "HARNESS_DEBIAN_MIRROR"
# Files for people only, and files that apt would load again anyway.
LEFT_OUT = ("usr/share/doc", "usr/share/locale", "usr/share/man", "var/cache/apt", "var/lib/apt/lists")
APT_SETTINGS = 'APT::Install-Recommends "false";\nAcquire::Languages "none";\n'
SHOWN_LINES = 15


def debian(engine: Engine, suite: str, progress: Progress = silence) -> str:
    """The base image of a Debian suite; made if the engine has none, which needs root and takes half a minute.

    Args:
        engine: that will have it.
        suite: such as `trixie`.
        progress: is told what is being done.

    Returns:
        Its name and tag.

    Raises:
        EngineError: it cannot be made here; says what is missing.
    """
    reference = f"{OWN}/debian:{suite}"
    with exclusively(cache_folder() / "images" / f"debian-{suite}"):
        if not has(engine, reference):
            _make(engine, suite, reference, progress)
    return reference


def mirror() -> str:
    """The mirror of this machine's own packages; HARNESS_DEBIAN_MIRROR names another one.

    Raises:
        EngineError: there is no mirror, or it is not Debian's.
    """
    if named := os.environ.get(MIRROR):
        return named
    advice = f"name a Debian mirror by {MIRROR}"
    try:
        done = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(ORIGIN) $(COMPONENT) $(REPO_URI)"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise EngineError(f"this machine's apt names no mirror ({error}): {advice}") from None
    targets = (line.split() for line in done.stdout.splitlines())
    found = [target[2] for target in targets if target[:2] == ["Debian", "main"]]
    if not found:
        raise EngineError(f"this machine's apt lists are not Debian's, or empty (apt-get update): {advice}")
    return found[0]  # the release itself is before its updates


def _make(engine: Engine, suite: str, reference: str, progress: Progress) -> None:
    if os.geteuid() != 0:
        raise EngineError(f"{reference} is made by debootstrap, which needs root: sudo harness images build")
    if shutil.which("debootstrap") is None:
        raise EngineError(f"{reference} is made by debootstrap: apt-get install debootstrap")
    source = mirror()
    with tempfile.TemporaryDirectory(prefix="debootstrap-") as folder:
        root = Path(folder) / suite
        _run_debootstrap(suite, root, source, progress)
        (root / "etc/apt/apt.conf.d/90lean").write_text(APT_SETTINGS)
        progress(f"importing {reference}")
        with _as_tar(root) as archive:
            repository, _, tag = reference.partition(":")
            engine.client.api.import_image_from_data(archive, repository=repository, tag=tag)


def _run_debootstrap(suite: str, root: Path, source: str, progress: Progress) -> None:
    command = ["debootstrap", "--variant=minbase", suite, str(root), source]
    lines = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            progress(f"debootstrap {suite}: {line.strip().removeprefix('I: ')}")
    if process.returncode:
        raise EngineError(f"debootstrap {suite} failed:\n{''.join(lines[-SHOWN_LINES:])}")


@contextmanager
def _as_tar(root: Path) -> Iterator[IO[bytes]]:
    def lean(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        unread = any(member.name.startswith(f"{folder}/") for folder in LEFT_OUT)
        # Programs need these folders.
        return None if unread and not member.isdir() else member

    with tempfile.TemporaryFile() as archive:
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for path in sorted(root.iterdir()):
                tar.add(path, path.name, filter=lean)
        archive.seek(0)
        yield archive
