"""The worker: packs what is ordered, each order once however often it is told to."""

import asyncio
import logging
import os

from celery import Celery

from shop.database import GONE, connected

BROKER_SECONDS = 2.0
PACKING_SECONDS = 0.05

log = logging.getLogger(__name__)
celery = Celery("shop", broker=os.environ["SHOP_BROKER"])
celery.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_channel_error_retry=True,  # a Redis that refuses for a while, as after a failover, ends no worker
    broker_connection_timeout=BROKER_SECONDS,
    broker_transport_options={
        "socket_timeout": BROKER_SECONDS,
        "socket_connect_timeout": BROKER_SECONDS,
        "health_check_interval": BROKER_SECONDS,  # else a link that is half open is believed for 25 s
    },
)


@celery.task(name="shop.packer.pack")
def pack(number: int) -> None:
    """Pack an order; where the database is away, the sweeper will send it again."""
    try:
        asyncio.run(_pack(number))
    except GONE as error:
        log.warning("order %d is not packed: %s", number, type(error).__name__)


async def _pack(number: int) -> None:
    async with connected() as database, database.transaction():
        wanted = "SELECT state FROM orders WHERE number = $1 FOR UPDATE SKIP LOCKED"
        if await database.fetchval(wanted, number) != "new":
            return  # packed, or in another's hands
        await asyncio.sleep(PACKING_SECONDS)
        await database.execute("INSERT INTO parcels (order_number) VALUES ($1)", number)
        await database.execute("UPDATE orders SET state = 'packed' WHERE number = $1", number)
