"""The page as a planner sees it, in a real browser: its numbers are the verdict's, on every screen and in the dark."""

import re
from dataclasses import replace

import pytest

from harness.base.browser import DESKTOP, PHONE
from harness.load import reports
from harness.load.cli.trend import past
from harness.load.comparison import compare
from harness.load.judgement import shown_value
from harness.load.page.history import compared, trend
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


@pytest.mark.in_turn
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
        "[...document.querySelectorAll('svg:not([hidden]), .uplot')].map(one => one.getBoundingClientRect().width)"
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


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_runs_beside_each_other_fit_every_screen(browser, screen, tmp_path):
    run = made_up("large")
    slow = MUTANTS["slow-provider"].recorded(run).having(began=run.began + 86_400)
    (tmp_path / "compared.html").write_text(
        compared(compare([run], [slow], BAKERY), "monday", "tuesday", BAKERY)
    )
    (tmp_path / "trend.html").write_text(trend([past(one, BAKERY) for one in (run, slow)], BAKERY))
    browser.look_on(screen)
    for name in ("compared", "trend"):
        browser.open((tmp_path / f"{name}.html").as_uri())
        assert browser.evaluate("document.documentElement.scrollWidth") <= screen.width
        clipped = "[...document.querySelectorAll('td, th, .card, table.rows')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
        assert browser.evaluate(clipped) == 0, name
        assert browser.evaluate("performance.getEntriesByType('resource').length") == 0
    assert browser.evaluate("document.querySelectorAll('.uplot').length") == 3


def test_a_chart_answers_to_a_pointer(browser, shown):
    """Values at the pointer with the phase, a closer look by dragging, and all of it again by a double click."""
    url, _ = shown
    browser.look_on(DESKTOP)
    browser.open(url)
    found = browser.evaluate(
        """(() => {
        const box = [...document.querySelectorAll('#small [data-plot]')][0], chart = box.chart;
        const wide = [chart.scales.x.min, chart.scales.x.max];
        chart.setCursor({left: chart.over.clientWidth / 2, top: 40});
        const words = box.querySelector('.u-legend').innerText;
        chart.setScale('x', {min: wide[1] / 4, max: wide[1] / 2});
        return {wide, words, charts: document.querySelectorAll('.uplot').length,
                pictures: [...document.querySelectorAll('[data-plot] svg')].every(svg => svg.hasAttribute('hidden'))};
        })()"""
    )
    assert found["charts"] > 10
    assert found["pictures"]
    assert "nominal" in found["words"]
    assert re.search(r"ended:?\s*[0-9]", found["words"]), found["words"]
    again = "(() => { const { min, max } = document.querySelector('#small [data-plot]').chart.scales.x; return [min, max]; })()"
    low, high = found["wide"]
    assert browser.evaluate(again) == pytest.approx([high / 4, high / 2])
    browser.evaluate(
        "document.querySelector('#small .u-over').dispatchEvent(new MouseEvent('dblclick', {bubbles: true, button: 0}))"
    )
    assert browser.evaluate(again) == pytest.approx([low, high])
