"""The tables."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """Makes the tables of payouts and statements."""

    initial = True
    operations = [
        migrations.CreateModel(
            name="Payout",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("note", models.CharField(max_length=1000)),
                ("seconds", models.FloatField(default=0.1)),
                ("status", models.CharField(default="PENDING", max_length=20)),
                ("reason", models.TextField(default="")),
                ("attempts", models.IntegerField(default=0)),
                ("due_at", models.DateTimeField(db_default=Now())),
                ("published_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "payouts"},
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("slot", models.BigIntegerField(unique=True)),
                ("payouts", models.IntegerField()),
            ],
            options={"db_table": "statements"},
        ),
    ]
