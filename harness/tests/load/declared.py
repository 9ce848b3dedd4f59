"""The load test of a bakery that was never built: another noun, other roles, tiers and settings than any real application's."""

from pathlib import Path

from harness.load.declaration import Column, LoadTest
from harness.load.locust.traffic import Traffic
from harness.load.mutants import Mutant, greedy, half_the_slots, leaking, one_too_few, pool_of_one, slower
from harness.load.record import Row

WEB, MAILER, PACKER = "web", "mailer", "packer"
QUEUES = {WEB: (), MAILER: ("mails",), PACKER: ("parcels",)}
TABLE = {"small": (2, 1, 1), "medium": (4, 2, 2), "large": (8, 4, 4)}
POOLS = {"small": 10, "medium": 5, "large": 2}


def rows():
    return {
        name: Row(
            processes=dict(zip(QUEUES, counts, strict=True)),
            queues=QUEUES,
            pool_size=POOLS[name],
            memory_mb=1024,
        )
        for name, counts in TABLE.items()
    }


BAKERY = LoadTest(
    traffic=Traffic(
        noun="order",
        root=Path(__file__).parent,
        judge="harness.tests.load.declared:BAKERY",
        tiers=Path(__file__).with_name("orders.toml"),
        quota=15,
    ),
    command="python -m bakery",
    locustfile=Path(__file__).with_name("none.py"),
    assumption="The demands are our assumption (orders.toml).",
    declared_rows=rows,
    rows_file="bakery/rows.toml",
    columns=(
        Column(role=WEB, name="Web", counts="processes", variable="WEB_CONCURRENCY"),
        Column(role=MAILER, name="mail", counts="slots", variable="MAIL_SLOTS"),
        Column(role=PACKER, name="packing", counts="slots", variable="PACKING_SLOTS"),
    ),
    worker=PACKER,
    one_at_a_time=(PACKER,),
    taken="taken.parcels",
    pool_variable="POOL",
    requests=("GET /bakery/",),
    ended_well="shipped",
    stamps="",
    making="",
    progress="",
    cpu_seconds_a_call=0.016,
    mutants=(
        Mutant(name="half-the-slots", red="counts", recorded=half_the_slots(PACKER)),
        Mutant(name="prefetch-4", red="counts", recorded=greedy(PACKER, 4)),
        Mutant(name="pool-of-1", red="budgets", recorded=pool_of_one),
        Mutant(name="slow-provider", red="objectives", recorded=slower(PACKER, 1.5), latency=1.5),
        Mutant(name="leaked-connections", red="budgets", recorded=leaking, leaks=True),
        Mutant(name="one-web-process-too-few", red="counts", recorded=one_too_few(WEB)),
    ),
)
DEMANDS = BAKERY.traffic.demands.tiers
MUTANTS = {mutant.name: mutant for mutant in BAKERY.mutants}
