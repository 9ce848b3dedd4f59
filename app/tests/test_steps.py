"""By which the provider's records are joined with ours: four parts of ASCII, whatever a release of ours has called a concept."""

import re
from urllib.parse import unquote
from uuid import uuid4

import pytest

from app.roadmaps.steps import StepKey


@pytest.mark.parametrize(
    "concept",
    [
        "c1",
        "所有权",
        "tcp/ip",
        "a b",
        "..",
        "-",
        "%2F",
        "\r\nX-Evil: 1",
        "\u202e",
        "🎉",
        "é",
        "?x=1#y",
        "\x7f",
        "a\tb",
        "",
    ],
)
def test_the_correlation_is_a_header_that_every_library_takes(concept):
    roadmap = uuid4()
    correlation = StepKey("quiz", concept).correlation(roadmap, 2)
    assert re.fullmatch(r"[!-~]+", correlation)
    parts = correlation.split("/")
    assert parts[:2] + parts[3:] == [str(roadmap), "quiz", "2"]
    assert unquote(parts[2]) == (concept or "-")
