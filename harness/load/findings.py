"""A verdict in formats for CI: JUnit, SARIF, and Prometheus' text format."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from harness.base import sarif
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Judgement, Sentence
from harness.load.record import Run
from harness.load.verdict import Verdict

LEVELS = {Grade.FAIL: "error", Grade.INVALID: "error", Grade.INCONCLUSIVE: "warning"}
JUNIT, SARIF, PROMETHEUS = "junit.xml", "verdict.sarif", "metrics.prom"
STATES = {
    "valid": "The run says something.",
    "counts": "What lives is the row of the table.",
    "budgets": "Connections and memory fit.",
    "objectives": "The tier holds what is promised at its nominal load.",
    "drain": "A burst empties in the time that its slots need.",
    "model_fit": "The queueing model explains what was measured.",
    "neighbour": "The row is large enough for its load.",
    "scaling": "The rows scale as their slots do.",
    "usl": "The universal scalability law explains how the rows scale.",
    "coverage": "The intervals cover the truth often enough.",
}


def named(verdicts: Sequence[Verdict], between: Sequence[Judgement]) -> list[tuple[str, Judgement]]:
    """Every judgement with the name of its tier; judgements of several tiers have the name of the rows."""
    return [
        *((verdict.tier, judgement) for verdict in verdicts for judgement in verdict.judgements),
        *(("rows", judgement) for judgement in between),
    ]


def analysis(verdicts: Sequence[Verdict], between: Sequence[Judgement], test: LoadTest) -> sarif.Analysis:
    """Everything that did not pass, as results at the file of the rows.

    Args:
        verdicts: of tiers.
        between: of the tiers against each other.
        test: whose they are.
    """
    judgements = named(verdicts, between)
    checks = dict.fromkeys(judgement.check for _, judgement in judgements)
    results = [
        sarif.Result(
            rule=judgement.check,
            message=f"{tier}: {sentence.about}: {sentence.said}",
            file=test.rows_file,
            level=LEVELS[sentence.grade],
        )
        for tier, judgement in judgements
        for sentence in judgement.sentences
        if sentence.grade in LEVELS
    ]
    unsure = [verdict.tier for verdict in verdicts if verdict.grade in {Grade.INVALID, Grade.NOT_JUDGED}]
    failure = (
        f"the run of {', '.join(unsure)} says nothing" if unsure else "" if verdicts else "nothing was judged"
    )
    rules = [sarif.Rule(name, STATES.get(name, "")) for name in checks]
    return sarif.Analysis(tool="load test", rules=rules, results=results, failure=failure)


def junit(verdicts: Sequence[Verdict], between: Sequence[Judgement]) -> ET.Element:
    """A suite for each tier, a case for each check. An invalid check is an error, and a check that was not judged is skipped: neither is a pass."""
    top = ET.Element("testsuites")
    suites: dict[str, ET.Element] = {}
    for tier, judgement in named(verdicts, between):
        suite = suites.get(tier)
        if suite is None:
            suite = suites[tier] = ET.SubElement(
                top, "testsuite", name=tier, tests="0", failures="0", errors="0", skipped="0"
            )
        case = ET.SubElement(suite, "testcase", classname=f"load.{tier}", name=judgement.check, time="0")
        _count(suite, "tests")
        said = "\n".join(_line(sentence) for sentence in judgement.sentences)
        if judgement.grade is Grade.FAIL:
            _count(suite, "failures")
            ET.SubElement(case, "failure", message=_worst(judgement)).text = said
        elif judgement.grade in {Grade.INVALID, Grade.INCONCLUSIVE}:
            _count(suite, "errors")
            ET.SubElement(case, "error", message=f"{judgement.grade}: {_worst(judgement)}").text = said
        elif judgement.grade is Grade.NOT_JUDGED:
            _count(suite, "skipped")
            ET.SubElement(case, "skipped", message=_worst(judgement))
        else:
            ET.SubElement(case, "system-out").text = said
    return top


def prometheus(runs: Sequence[Run], verdicts: Sequence[Verdict]) -> str:
    """Figures in Prometheus' text format, for a textfile collector or a push gateway.

    Args:
        runs: one a tier.
        verdicts: of each.
    """
    lines = [
        "# HELP load_verdict_exit_code 0 pass, 1 fail, 2 usage or crash, 3 inconclusive, 4 invalid.",
        "# TYPE load_verdict_exit_code gauge",
        *(f"load_verdict_exit_code{_labels(tier=one.tier)} {int(one.exit)}" for one in verdicts),
        "# HELP load_run_timestamp_seconds When the run began.",
        "# TYPE load_run_timestamp_seconds gauge",
        *(f"load_run_timestamp_seconds{_labels(tier=run.tier)} {run.began:.3f}" for run in runs),
        "# HELP load_carries_per_hour What the row carries at its objective.",
        "# TYPE load_carries_per_hour gauge",
        *(
            f"load_carries_per_hour{_labels(tier=one.tier)} {one.carries.value:g}"
            for one in verdicts
            if one.carries
        ),
        "# HELP load_headroom_ratio How much more than the nominal load that is.",
        "# TYPE load_headroom_ratio gauge",
        *(
            f"load_headroom_ratio{_labels(tier=one.tier)} {one.headroom.value:g}"
            for one in verdicts
            if one.headroom
        ),
        "# HELP load_figure A measured figure of the verdict; seconds, milliseconds and shares as its unit says.",
        "# TYPE load_figure gauge",
    ]
    for tier, judgement in named(verdicts, ()):
        for sentence in judgement.sentences:
            if sentence.measured is not None:
                labels = _labels(tier=tier, check=judgement.check, about=sentence.about, unit=sentence.unit)
                lines.append(f"load_figure{labels} {_number(sentence.measured.value)}")
    return "\n".join(lines) + "\n"


def write(
    runs: Sequence[Run],
    verdicts: Sequence[Verdict],
    between: Sequence[Judgement],
    test: LoadTest,
    folder: Path,
) -> None:
    """All three, beside the page.

    Args:
        runs: one a tier.
        verdicts: of each.
        between: of the tiers against each other.
        test: whose runs.
        folder: that is there.
    """
    sarif.write(folder / SARIF, [analysis(verdicts, between, test)])
    ET.ElementTree(junit(verdicts, between)).write(folder / JUNIT, encoding="utf-8", xml_declaration=True)
    (folder / PROMETHEUS).write_text(prometheus(runs, verdicts), encoding="utf-8")


def _worst(judgement: Judgement) -> str:
    return next(
        (_line(one) for one in judgement.sentences if one.grade is judgement.grade), str(judgement.grade)
    )


def _line(sentence: Sentence) -> str:
    return f"{sentence.about}: {sentence.said}"


def _count(suite: ET.Element, what: str) -> None:
    suite.set(what, str(int(suite.get(what, "0")) + 1))


def _labels(**values: str) -> str:
    """The labels in that format: a backslash, a quote and a new line are escaped (prometheus.io, "Exposition formats")."""
    shown = [
        '{}="{}"'.format(name, value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n"))
        for name, value in values.items()
        if value
    ]
    return "{" + ",".join(shown) + "}"


def _number(value: float) -> str:
    return {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}.get(str(value), f"{value:g}")
