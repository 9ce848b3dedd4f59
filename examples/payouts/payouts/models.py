"""The tables."""

from django.db import models
from django.db.models.functions import Now


class Payout(models.Model):
    """A payment to somebody through the bank.

    A worker holds the lock of its payout; the database frees the lock when the worker's connection ends.
    """

    note = models.CharField(max_length=1000)
    seconds = models.FloatField(default=0.1)
    status = models.CharField(max_length=20, default="PENDING")
    reason = models.TextField(default="")
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)

    class Meta:
        """Its table."""

        db_table = "payouts"


class Statement(models.Model):
    """The sum that was paid in one slot of the schedule; the first row for a slot is valid."""

    slot = models.BigIntegerField(unique=True)
    payouts = models.IntegerField()

    class Meta:
        """Its table."""

        db_table = "statements"
