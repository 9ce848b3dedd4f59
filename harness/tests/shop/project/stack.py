"""The shop as the harness is told of it."""

import sys
from pathlib import Path

from shop.live import Live

from harness import App, Evidence, Finding, Nemesis, Postgres, Redis
from harness.application import HttpReady, Post, Role, Tier, Work

# What Celery says while its broker is away; the second is a defect of its own, which mends itself.
REDIS_GONE = "Connection to broker lost|Cannot connect to redis|Error on restarting Gossip|Couldn't ack"
CHILD_GONE = r"Process '\S+' pid:\d+ exited with|WorkerLostError"


def nothing_doubled(evidence: Evidence) -> Finding:
    """No order is packed into two parcels."""
    if evidence.manifest and not evidence.accepted("order") and not evidence.rows("parcels"):
        return Finding.nothing("no order was taken, and no parcel is there")
    orders = [parcel["order_number"] for parcel in evidence.rows("parcels")]
    faults = [
        f"order {number} has two parcels" for number in sorted({n for n in orders if orders.count(n) > 1})
    ]
    return Finding.judge(faults, seen=len(orders), what="parcels")


WEB = ("uvicorn", "shop.web:app", "--host", "{host}", "--port", "{port}")
PACKER = ("celery", "-A", "shop.packer", "worker", "-E", "-Q", "parcels", "-c", "{n}", "-l", "INFO")
LIBRARIES = (
    *("asyncpg", "celery.apps.worker", "celery.bin.celery", "celery.concurrency.prefork"),
    *("celery.fixups.django", "celery.worker.consumer", "celery.worker.strategy"),
    *("kombu.transport.redis", "uvicorn.main"),
)
ORDER = Work(
    name="order",
    id="order",
    at="web",
    accepted=Post(path="/orders", json={"what": "tea, {nonce}"}, status=201, id="$.order.number"),
    task="shop.packer.pack",
    argument="args[0]",
    state="SELECT state FROM orders WHERE number::text = $1",
    ends=frozenset({"packed"}),
    effect="SELECT count(*) FROM parcels WHERE order_number::text = $1",
    open="SELECT count(*) FROM orders WHERE state <> 'packed'",
    ended="SELECT count(*) FROM orders WHERE state = 'packed'",
)

app = App(
    name="shop",
    root=Path(__file__).parent,
    bin=str(Path(sys.executable).parent),  # an application with an environment of its own: ".venv/bin"
    postgres=Postgres(
        migrate=("python", "-m", "shop.migrate"), env={"SHOP_DATABASE": "{postgres}"}, schema="shop/*.sql"
    ),
    redis=Redis(databases=2, broker=1),
    env={"SHOP_DATABASE": "{postgres:postgresql}", "SHOP_BROKER": "{redis/1}", "SHOP_SEAL": "{secret}"},
    sources=("shop/*.py",),
    libraries=LIBRARIES,
    roles={
        "web": Role(
            name="web",
            argv=WEB,
            forked=(sys.executable, "-m", *WEB),
            command=WEB,
            ready=HttpReady("/healthz"),
        ),
        "packer": Role(
            name="packer",
            argv=PACKER,
            forked=(sys.executable, "-m", *PACKER),
            command=PACKER,
            queues=("parcels",),
        ),
    },
    tiers={
        "corner": Tier(name="corner", concurrency={"packer": 1}, memory_mb=512),
        "market": Tier(name="market", concurrency={"packer": 2}, memory_mb=512),
    },
    works=(ORDER,),
    checks=(nothing_doubled,),
    budgets={("POST", "/orders"): 6000.0},
    tables=("orders", "parcels"),
    dockerfile="Dockerfile",
    nemesis=Nemesis(expected_errors=(REDIS_GONE, CHILD_GONE), health="/healthz"),
    live=Live((ORDER,)),
)
