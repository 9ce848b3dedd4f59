"""The position between two pages of a list, made opaque so that no client builds one."""

import base64
import binascii
import json
from datetime import UTC, datetime
from uuid import UUID


class BadCursorError(ValueError):
    """The text is not one of our cursors."""


def encode(at: datetime, row_id: UUID) -> str:
    """The cursor that follows this row, in an order by time and id."""
    packed = json.dumps([at.isoformat(), str(row_id)]).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(cursor: str) -> tuple[datetime, UUID]:
    """The row that a cursor follows.

    Raises:
        BadCursorError: it is not one that `encode` made.
    """
    try:
        at, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise BadCursorError("a time without a zone")
        # In UTC: a time on the calendar's first or last day may have none, and the driver could not send it.
        return moment.astimezone(UTC), UUID(row_id)
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error, RecursionError) as error:
        raise BadCursorError("not a cursor of this list") from error
