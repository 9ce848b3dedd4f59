"""What a verdict looks like outside: the page needs nothing from anywhere, and every form says the same."""

import json
import re
from html.parser import HTMLParser

import pytest

from harness.load import reports
from harness.load.page.frame import SCRIPTS
from harness.load.scaling import scaling
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY, DEMANDS, MUTANTS
from harness.tests.load.made_up import made_up


def judged(runs):
    verdicts = [judge(run, DEMANDS[run.tier], BAKERY) for run in runs]
    return runs, verdicts, [scaling(runs, verdicts, BAKERY)], BAKERY


@pytest.fixture(scope="module")
def healthy():
    return judged([made_up(tier) for tier in DEMANDS])


@pytest.fixture(scope="module")
def mixed():
    """One tier passes, one fails, one is not asked."""
    return judged([made_up("small"), MUTANTS["leaked-connections"].recorded(made_up("large"))])


class Page(HTMLParser):
    """Collects what a browser would have to fetch, and the attributes of every element."""

    def __init__(self, text):
        super().__init__()
        self.fetched, self.elements, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.elements.append((tag, found))
        self.fetched += [found[name] for name in ("src", "href", "srcset", "data") if name in found]
        if tag not in {"meta", "line", "path", "rect", "circle"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in {"path", "rect", "circle"}:
            assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        (("small", "medium", "large"), "The concurrency table holds"),
        (("large",), "Large holds"),
        (("small", "large"), "Small and Large hold"),
    ],
)
def test_a_row_that_nobody_asked_is_not_said_to_hold(tiers, said, tmp_path):
    text = reports.write(*judged([made_up(tier) for tier in tiers]), tmp_path).read_text()
    assert re.search(r"<h1[^>]*>(.*?)</h1>", text)[1].endswith(said)


def test_the_page_fetches_nothing(healthy, tmp_path):
    text = reports.write(*healthy, tmp_path).read_text()
    page = Page(text)
    assert page.fetched == []
    for path in SCRIPTS:  # as they are: their own words are no address of the page's
        assert path.read_text() in text
        assert not re.search(
            r"\bimport\b|\bfetch\(|XMLHttpRequest|new Image|sendBeacon|WebSocket", path.read_text()
        )
        text = text.replace(path.read_text(), "")
    assert not re.search(r"url\(|@import|https?://|<link", text)
    assert page.open == []  # every element is closed


def test_the_page_has_the_table_with_a_verdict_in_each_cell(mixed, tmp_path):
    page = Page(reports.write(*mixed, tmp_path).read_text())
    rows = {found["data-tier"]: found["data-outcome"] for _, found in page.elements if "data-tier" in found}
    assert rows == {"small": "pass", "large": "fail"}
    cells = [found["data-role"] for _, found in page.elements if "data-role" in found]
    assert cells == ["web", "mailer", "packer"] * 2


def test_the_page_says_its_assumption_and_every_sentence(mixed, tmp_path):
    text = reports.write(*mixed, tmp_path).read_text()
    assert "are our assumption" in text
    about = {found["data-about"] for _, found in Page(text).elements if "data-about" in found}
    assert about >= {f.about for verdict in mixed[1] for j in verdict.judgements for f in j.sentences}


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize("tier", DEMANDS)
def test_a_page_can_be_made_of_every_depth(tier, depth, tmp_path):
    assert reports.write(*judged([made_up(tier, depth=depth)]), tmp_path).exists()


def test_a_page_can_be_made_of_a_run_in_which_nothing_happened(tmp_path):
    empty = made_up("small", replicates=1).having(replicates=())
    text = reports.write(*judged([empty]), tmp_path).read_text()
    assert "This run says nothing" in text


def test_markdown_and_json_agree_with_the_verdict(mixed, tmp_path):
    reports.write(*mixed, tmp_path)
    markdown = (tmp_path / "report.md").read_text()
    assert re.search(r"\| small \| 2 \| 1 \| 1 \| ✓ pass \|", markdown)
    assert re.search(r"\| large \| 8 \| 4 \| 4 \| ✗ fail \|", markdown)
    assert "a leak" in markdown
    document = json.loads((tmp_path / "verdict.json").read_text())
    assert [tier["exit_code"] for tier in document["tiers"]] == [0, 1]
    assert document["tiers"][0]["carries_per_hour"]["value"] == mixed[1][0].carries.value


def test_annotations_are_of_what_did_not_pass_and_keep_to_one_line(mixed, healthy):
    lines = reports.annotations(*mixed[1:])
    assert len(lines) == 1
    assert lines[0].startswith("::error file=bakery/rows.toml,title=large budgets::")
    assert "\n" not in lines[0]
    assert reports.annotations(*healthy[1:]) == []


def test_a_summary_of_a_pull_request_gets_the_markdown(healthy, tmp_path, monkeypatch):
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    reports.write(*healthy, tmp_path)
    assert "| small | 2 | 1 | 1 |" in summary.read_text()
