import base64
import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from app.roadmaps.cursor import BadCursorError, decode, encode
from app.roadmaps.log_views import Mark, Position


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


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_a_moment_that_no_calendar_has_in_utc_is_refused(at):
    packed = json.dumps([at, str(uuid4())]).encode()
    with pytest.raises(BadCursorError):
        decode(base64.urlsafe_b64encode(packed).decode().rstrip("="))


def test_an_event_is_named_by_its_own_id_or_as_earlier_releases_did():
    event_id = uuid4()
    assert Mark.parse(str(event_id)) == Mark(event_id=event_id)
    assert Mark.parse("7-3") == Mark(row=(7, 3))


def test_a_position_keeps_its_order():
    assert Position() < Position(0, 1, 9) < Position(0, 2, 1) < Position(0, 2, 2) < Position(1)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1-", "-1", "a-b", "1-2-3", "٣-1", f"{2**63}-1", "1-99999999999999999999", "\x00", "7" * 33],
)
def test_what_names_no_event_is_refused(text):
    with pytest.raises(BadCursorError):
        Mark.parse(text)
