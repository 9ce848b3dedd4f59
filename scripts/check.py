"""Lint, types and the import rule: `make check`. Each tool runs, also if another one has failed, and shows its findings.

The findings are kept as SARIF, and as annotations where GitHub reads them. A tool that failed without a finding is a failure of
its own.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from harness.base.exits import Exit
from harness.base.github import annotation, in_actions
from harness.base.sarif import Analysis, Result, write

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
COLOUR = re.compile(r"\x1b\[[\d;]*[A-Za-z]")
SHOWN_LINES = 20  # last lines of a tool that failed without a finding
CONCISE = re.compile(
    r"^(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?P<rule>[\w-]+):? (?:\[\*\] )?(?P<message>.+)$",
    re.MULTILINE,
)
TYPES = re.compile(
    r"^(?P<file>[^:\n]+):(?P<line>\d+)(?::(?P<column>\d+))?: error: (?P<message>.+?)(?:  \[(?P<rule>[\w-]+)\])?$",
    re.MULTILINE,
)
CONTRACT = re.compile(
    r"^(?P<contract>[^\n]+(?:\n[^\n-][^\n]*)*)\n-{4,}(?:\n-+)*\n\n(?P<chains>.*?)(?=\n\n\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
IMPORT = re.compile(r"(?P<importer>[\w.]+) -> (?P<imported>[\w.]+) \(l\.\s?(?P<line>\d+)")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that judges the source.

    Args:
        name: of its package.
        command: that shows what it found to people.
        read: finds the results in what it has written.
        again: command for programs, if its output for people cannot be parsed.
    """

    name: str
    command: tuple[str, ...]
    read: Callable[[str], Iterator[Result]]
    again: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name of its results."""
        return " ".join(word for word in self.command if word[0] not in "-.")


def located(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Result]]:
    """Read the lines of a tool that prints file, line, rule and message.

    Args:
        pattern: of such a line.
    """

    def read(text: str) -> Iterator[Result]:
        for found in pattern.finditer(text):
            yield Result(
                rule=found["rule"] or "error",
                message=found["message"],
                file=found["file"],
                line=int(found["line"]),
                column=int(found["column"] or 0),
            )

    return read


def forbidden_imports(text: str) -> Iterator[Result]:
    """Every import of the chains that break a contract of lint-imports."""
    _, _, broken = text.partition("\nBroken contracts\n")
    for contract in CONTRACT.finditer(broken):
        name = " ".join(contract["contract"].split())
        for found in IMPORT.finditer(contract["chains"]):
            message = f"{found['importer']} imports {found['imported']}: {name}"
            yield Result(rule=name, message=message, file=file_of(found["importer"]), line=int(found["line"]))


def file_of(module: str) -> str:
    """Path of a module's source from the repository's root."""
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py"


TOOLS = (
    Tool(
        "ruff",
        ("ruff", "format", "--check", "."),
        located(CONCISE),
        ("ruff", "format", "--check", "--output-format", "concise", "."),
    ),
    Tool(
        "ruff", ("ruff", "check", "."), located(CONCISE), ("ruff", "check", "--output-format", "concise", ".")
    ),
    Tool("mypy", ("mypy", "--no-pretty", "--show-column-numbers"), located(TYPES)),
    Tool("import-linter", ("lint-imports",), forbidden_imports),
)


def analyse(tool: Tool) -> Analysis:
    """Run a tool, show its output, and read its findings.

    Args:
        tool: to run.
    """
    code, shown = _run(tool.command)
    print(shown, end="", flush=True)  # noqa: T201
    text = COLOUR.sub("", _run(tool.again)[1] if code and tool.again else shown)
    results = [*tool.read(text)] if code else []
    failure = ""
    if code and not results:
        last = "\n".join(text.splitlines()[-SHOWN_LINES:])
        failure = f"{' '.join(tool.command)} ended with {code} and named no place:\n{last}"
    return Analysis(tool=tool.title, version=version(tool.name), results=results, failure=failure)


def _run(command: Sequence[str]) -> tuple[int, str]:
    colours = {"FORCE_COLOR": "1", "MYPY_FORCE_COLOR": "1"} if sys.stdout.isatty() else {}
    ended = subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        env={**os.environ, **colours},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout


def main(arguments: Sequence[str] | None = None) -> Exit:
    """Run every tool, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sarif", type=Path, help="a file to write what was found into")
    options = parser.parse_args(arguments)
    analyses = [analyse(tool) for tool in TOOLS]
    if options.sarif:
        write(options.sarif, analyses)
    if in_actions():
        for line in annotations(analyses):
            print(line)  # noqa: T201
    return Exit.VIOLATED if any(analysis.results or analysis.failure for analysis in analyses) else Exit.HOLDS


def annotations(analyses: Sequence[Analysis]) -> Iterator[str]:
    """The annotations that GitHub shows at the lines of the findings."""
    for analysis in analyses:
        if analysis.failure:
            yield annotation("error", analysis.failure, title=analysis.tool)
        for result in analysis.results:
            title = f"{analysis.tool}: {result.rule}"
            yield annotation(result.level, result.message, title=title, file=result.file, line=result.line)


if __name__ == "__main__":
    sys.exit(main())
