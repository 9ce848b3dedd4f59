"""Proof that a queue is consumed: a task that must come back through the database.

A control ping costs its whole time-out and was seen to get no answer; a ready line says nothing of the database.
"""

import secrets
from collections.abc import Iterable

from harness.base.database import Database

EXPIRES_SECONDS = 30
CANARY_TASK = "canary.sing"


class Canaries:
    """One canary for each queue, sent at once; it may be published before the worker exists.

    Args:
        redis_url: of the broker.
        queues: to be proved.
    """

    def __init__(self, redis_url: str, queues: Iterable[str]) -> None:
        from celery import Celery  # a third of a second that only a starting stack pays

        self.nonces = {queue: secrets.token_hex(8) for queue in queues}
        with Celery("harness", broker=redis_url, set_as_current=False) as celery:
            for queue, nonce in self.nonces.items():
                celery.send_task(
                    CANARY_TASK, kwargs={"nonce": nonce, "queue": queue}, queue=queue, expires=EXPIRES_SECONDS
                )

    def silent(self, database: Database) -> list[str]:
        """The queues whose canary has not come back yet."""
        known = "SELECT nonce FROM canaries WHERE nonce = ANY($1::text[])"
        back = {row["nonce"] for row in database.rows(known, list(self.nonces.values()))}
        return [queue for queue, nonce in self.nonces.items() if nonce not in back]
