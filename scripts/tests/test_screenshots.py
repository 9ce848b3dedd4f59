"""The README's pictures: they are there, and what they are taken of is what they are said to show."""

import re
import struct

import pytest

from scripts import screenshots
from scripts.docs_site import ROOT


def test_the_readme_shows_both_in_its_first_screen():
    shown = re.findall(
        r"!\[[^\]]+\]\((\S+\.png)\)", "\n".join((ROOT / "README.md").read_text().splitlines()[:25])
    )
    assert shown == ["docs/pictures/red-trace.png", "docs/pictures/load-report.png"]
    assert {(ROOT / path).parent for path in shown} == {screenshots.FOLDER}


@pytest.mark.parametrize(
    ("name", "most"), [("red-trace", screenshots.TRACE_HEIGHT), ("load-report", screenshots.REPORT_HEIGHT)]
)
def test_a_picture_is_of_the_size_that_is_taken(name, most):
    head = (screenshots.FOLDER / f"{name}.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:])
    assert width == screenshots.SCREEN.width
    assert 0 < height <= most


def test_the_trace_is_red_and_nothing_in_it_is_unknown():
    page = screenshots.red_trace()
    assert '<header class="failed">' in page
    assert '<tr class="violated"><th>nothing_lost</th>' in page
    assert '<tr class="unknown">' not in page


def test_the_report_is_of_a_row_that_does_not_hold(tmp_path):
    assert "A row of the concurrency table does not hold" in screenshots.load_report(tmp_path).read_text()
