"""Does payouts; by the schedule it publishes payouts that no worker does, and writes statements."""

import logging
import time
from datetime import timedelta

import requests
from celery import shared_task
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from payouts.models import Payout, Statement

ATTEMPTS = 3
AGAIN = timedelta(seconds=1)
PATIENCE = timedelta(seconds=3)
OPEN = "PENDING", "RUNNING"
log = logging.getLogger(__name__)


def publish(number: int) -> None:
    """Publish a payout, and store that; if the broker is away, the schedule's sweep publishes it later.

    Args:
        number: its id.
    """
    try:
        process.apply_async((number,), retry=False)
    except Exception as error:  # noqa: BLE001 - whatever a broker that is away has raised
        log.warning("payout %s is published later: %s", number, error)
        return
    Payout.objects.filter(pk=number, published_at=None).update(published_at=Now())


@shared_task
def process(number: int) -> str:
    """Do a payout.

    Args:
        number: its id.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            return "somebody else does it"
    try:
        payout = Payout.objects.get(pk=number)
        if not Payout.objects.filter(pk=number, status__in=OPEN).update(
            status="RUNNING", attempts=F("attempts") + 1, published_at=Now()
        ):
            return "it has ended"
        return _do(payout)
    finally:
        connection.close()  # this frees the lock


def _do(payout: Payout) -> str:
    time.sleep(payout.seconds)
    answer = requests.post(
        f"{settings.BANK_URL}/pay", json={"payout": payout.pk, "note": payout.note}, timeout=10
    )
    mine = Payout.objects.filter(pk=payout.pk)
    if answer.ok:
        mine.update(status="COMPLETED")
        return "completed"
    if payout.attempts + 1 >= ATTEMPTS:
        mine.update(status="FAILED", reason=f"the bank answered {answer.status_code}")
        return "failed"
    mine.update(status="PENDING", published_at=None, due_at=Now() + AGAIN)
    return "again"


@shared_task
def sweep() -> None:
    """Publish due payouts that no worker does, and give up those that were tried too often."""
    never = Q(published_at=None, due_at__lt=Now() - AGAIN, status="PENDING")
    quiet = Q(published_at__lt=Now() - PATIENCE)
    forgotten = quiet & Q(status="PENDING")
    left = quiet & Q(status="RUNNING", attempts__lte=ATTEMPTS)
    with transaction.atomic():
        numbers = [
            *Payout.objects.select_for_update(skip_locked=True)
            .filter(never | forgotten | left)
            .values_list("pk", flat=True)[:100]
        ]
        Payout.objects.filter(pk__in=numbers).update(published_at=Now())
    for number in numbers:
        publish(number)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payouts SET status = 'FAILED', reason = 'tried too often'"
            " WHERE status = 'RUNNING' AND attempts > %s AND pg_try_advisory_xact_lock(id)",
            [ATTEMPTS],
        )


@shared_task
def state() -> None:
    """Write the statement of this slot once, whichever worker gets the task."""
    slot = time.time_ns() if settings.DEFECT == "two_beats" else int(time.time() // settings.EVERY_SECONDS)
    paid = Payout.objects.filter(status="COMPLETED").count()
    Statement.objects.bulk_create([Statement(slot=slot, payouts=paid)], ignore_conflicts=True)
