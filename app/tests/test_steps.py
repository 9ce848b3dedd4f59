"""A step's correlation id and its cost: neither fails, whatever the values are."""

import re
from decimal import Decimal
from urllib.parse import unquote
from uuid import uuid4

import pytest
from sqlalchemy.dialects import postgresql

from app.models import generation_steps as columns
from app.roadmaps.answer import Cost
from app.roadmaps.completion import MOST_TOKENS
from app.roadmaps.prices import Prices
from app.roadmaps.steps import MOST_COUNTED, MOST_DOLLARS, StepKey, Steps


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
        "é" * 200,
    ],
)
def test_the_correlation_is_a_header_that_every_library_takes(concept):
    roadmap = uuid4()
    correlation = StepKey("quiz", concept).correlation(roadmap, 2)
    assert re.fullmatch(r"[!-~]{1,4000}", correlation)  # half of what servers accept
    parts = correlation.split("/")
    assert parts[:2] + parts[3:] == [str(roadmap), "quiz", "2"]
    assert unquote(parts[2]) == (concept or "-")


def written(sum_):
    return str(sum_.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))


def test_no_sum_is_more_than_its_column_holds():
    free, dear = Prices(Decimal(0), Decimal(0)), Prices(Decimal(10**9), Decimal(10**9))
    paid = Steps(None, None, 3, dear)._paid(Cost(MOST_TOKENS, 11))
    assert {name: written(value) for name, value in paid.items()} == {
        "prompt_tokens": "CAST(least(CAST(generation_steps.prompt_tokens AS BIGINT) + 10000000, 2147483647) AS INTEGER)",
        "completion_tokens": "CAST(least(CAST(generation_steps.completion_tokens AS BIGINT) + 11, 2147483647) AS INTEGER)",
        "cost_usd": "least(generation_steps.cost_usd + 999999.999999, 999999.999999)",
    }
    assert "+ 0" in written(Steps(None, None, 3, free)._paid(Cost(MOST_TOKENS, 11))["cost_usd"])
    assert MOST_COUNTED == 2**31 - 1  # of a 4-byte integer
    kept = columns.c.cost_usd.type
    assert (10**kept.precision - 1) / Decimal(10**kept.scale) == MOST_DOLLARS
