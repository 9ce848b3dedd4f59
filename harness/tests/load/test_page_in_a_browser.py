"""The page as a planner sees it, in a real browser: its numbers are the verdict's, on every screen and in the dark."""

from dataclasses import replace

import pytest

from harness.base.browser import DESKTOP, PHONE
from harness.load import reports
from harness.load.judgement import shown_value
from harness.load.scaling import scaling
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY, DEMANDS, MUTANTS
from harness.tests.load.made_up import made_up

pytestmark = pytest.mark.e2e
DARK = "rgb(15, 20, 26)"
LIGHT = "rgb(246, 247, 249)"


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The address of a page, and the verdicts that it shows: one tier passes, one fails, one passes."""
    runs = [
        made_up("small"),
        MUTANTS["one-web-process-too-few"].recorded(made_up("medium")),
        made_up("large").having(cores=2),
    ]
    verdicts = [judge(run, DEMANDS[run.tier], BAKERY) for run in runs]
    folder = tmp_path_factory.mktemp("page")
    return reports.write(runs, verdicts, [scaling(runs, verdicts, BAKERY)], BAKERY, folder).as_uri(), verdicts


def test_the_numbers_that_are_read_are_the_verdicts(browser, shown):
    url, verdicts = shown
    browser.open(url)
    assert browser.texts("h1") == ["✗ A row of the concurrency table does not hold"]
    for verdict in verdicts:
        row = f'tr[data-tier="{verdict.tier}"]'
        (carries,) = browser.texts(f"{row} [data-carries] b") or [""]
        assert carries == f"{verdict.carries.value:.0f}"
        assert browser.evaluate(f"document.querySelector('{row}').dataset.outcome") == verdict.grade
    (api,) = browser.texts('tr[data-tier="medium"] [data-role="web"]')
    assert "3, the row says 4" in api
    numbers = browser.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#large [data-value]')]"
        ".map(element => [element.dataset.about, Number(element.dataset.value)]))"
    )
    for judgement in verdicts[2].judgements:
        for sentence in judgement.sentences:
            if sentence.measured is not None:
                assert numbers[sentence.about] == pytest.approx(sentence.measured.value), shown_value(0)


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_every_screen_in_the_light_and_in_the_dark(browser, shown, screen, dark, tmp_path):
    url, _ = shown
    browser.look_on(replace(screen, dark=dark))
    browser.open(url)
    assert browser.evaluate("document.documentElement.scrollWidth") <= screen.width
    ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == (DARK if dark else LIGHT)
    charts = browser.evaluate(
        "[...document.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect().width)"
    )
    assert len(charts) > 15
    assert min(charts) > 250
    clipped = browser.evaluate(
        "[...document.querySelectorAll('td, th, .card')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert clipped == 0
    assert browser.screenshot(tmp_path / "page.png").stat().st_size > 50_000


def test_it_asks_nobody_for_anything(browser, shown):
    browser.open(shown[0])
    assert browser.evaluate("performance.getEntriesByType('resource').length") == 0
