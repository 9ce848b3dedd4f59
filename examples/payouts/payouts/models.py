"""What is kept."""

from django.db import models
from django.db.models.functions import Now


class Payout(models.Model):
    """Money for somebody, by the bank.

    Whoever does one holds its lock, which the database lets go as soon as its connection is gone.
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
    """What was paid in one slot of the schedule; whoever wrote it first has stated it."""

    slot = models.BigIntegerField(unique=True)
    payouts = models.IntegerField()

    class Meta:
        """Its table."""

        db_table = "statements"
