"""Images of our own for machines that reach no registry: PostgreSQL, Redis and Python from Debian packages."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from harness.base.progress import Progress, silence
from harness.substrates.engine.debian import debian
from harness.substrates.engine.engine import Engine
from harness.substrates.engine.images import PYTHON, SUITES, Image
from harness.substrates.engine.recipe import Recipe, build

FOLDER = Path(__file__).with_name("images_of_debian")
# Variables that name a file of trusted authorities; the first one that does is used.
TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")


def build_own(engine: Engine, image: Image, suite: str, progress: Progress = silence) -> str:
    """Build one of our own images, unless the engine has it in its current form.

    Args:
        engine: that builds and keeps it.
        image: the official image that it replaces; the version is the suite's.
        suite: of Debian, a key of SUITES.
        progress: is told each step.

    Returns:
        Its name and tag.

    Raises:
        EngineError: it cannot be built here; says why.
    """
    version = SUITES[suite][image.name]
    base = debian(engine, suite, progress)
    recipe = Recipe(
        dockerfile=FOLDER / image.name / "Dockerfile",
        base=base,
        arguments={"BASE": base, "VERSION": version},
        added={"certificates.pem": certificates()} if image.name == PYTHON.name else {},
    )
    return build(engine, recipe, image.version(version).own, progress)


def certificates(environ: Mapping[str, str] | None = None) -> bytes:
    """The authorities that this machine trusts, as PEM.

    Args:
        environ: environment that may name them; this process's own by default.
    """
    import certifi

    environ = os.environ if environ is None else environ
    named = [environ.get(name) for name in TRUST]
    for path in (*named, ssl.get_default_verify_paths().cafile):
        if path and Path(path).is_file():
            return Path(path).read_bytes()
    return certifi.contents().encode()
