"""The summary of failed tests for a job's page: Markdown, with a chapter for each test."""

import os
import re
from collections.abc import Mapping, Sequence

from harness.plugin.failure import Failure

RUN = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")


def job_summary(failures: Sequence[Failure], where: str, environment: Mapping[str, str] = os.environ) -> str:
    """The Markdown.

    Args:
        failures: at least one.
        where: what they ran on.
        environment: of the job, which says where its artefacts will be.
    """
    tests = len({failure.scenario for failure in failures})
    parts = [f"### {tests} failed on {where}", *(_chapter(failure) for failure in failures)]
    if all(environment.get(name) for name in RUN):
        server, repository, run = (environment[name] for name in RUN)
        parts.append(f"[The artefacts of this run]({server}/{repository}/actions/runs/{run}#artifacts)")
    return "\n\n".join(parts) + "\n\n"


def _chapter(failure: Failure) -> str:
    what = "violated check" if failure.violated else "error"
    facts = [f"- scenario: {_code(failure.scenario)}, in {failure.phase}, at {_code(failure.place)}"]
    if failure.evidence:
        facts.append(f"- artefact: {_code(failure.evidence)}")
    return "\n\n".join(
        [
            f"#### {_plain(failure.promise)}",
            "\n".join(facts),
            f"{what}:",
            _block(failure.reason),
            "<details><summary>last lines</summary>",
            _block(failure.last_lines),
            "</details>",
        ]
    )


def _plain(text: str) -> str:
    """A text in one line, without characters that Markdown or HTML would interpret."""
    return re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    fence = "`" * (_longest(text) + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{room}{' '.join(text.split())}{room}{fence}"


def _block(text: str) -> str:
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest(text: str) -> int:
    """The largest number of backticks in a row."""
    return max(map(len, re.findall(r"`+", text)), default=0)
