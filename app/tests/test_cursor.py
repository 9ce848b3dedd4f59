from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from app.roadmaps.cursor import BadCursorError, decode, encode
from app.roadmaps.log_views import Position


def test_a_cursor_comes_back_as_it_was():
    at, row_id = datetime(2026, 1, 1, 12, 0, 0, 123456, UTC), uuid4()
    assert decode(encode(at, row_id)) == (at, row_id)


@pytest.mark.parametrize(
    "text",
    ["", "x", "AAAA", "é", "W10", "eyJhIjoxfQ", encode(datetime(2026, 1, 1), UUID(int=7)), "=" * 5, "\x00"],  # noqa: DTZ001 - without a zone on purpose
)
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(BadCursorError):
        decode(text)


def test_a_position_comes_back_as_it_was_and_keeps_its_order():
    assert Position.parse(str(Position(7, 3))) == Position(7, 3)
    assert Position() < Position(1, 9) < Position(2, 1) < Position(2, 2)


@pytest.mark.parametrize(
    "text", ["", "1", "1-", "-1", "a-b", "1-2-3", "٣-1", f"{2**63}-1", "1-99999999999999999999"]
)
def test_what_is_no_position_is_refused(text):
    with pytest.raises(BadCursorError):
        Position.parse(text)
