"""What the shop promises."""

import pytest
from stack import REDIS_GONE

from harness import Frozen, Killed, Refused, eventually

pytestmark = pytest.mark.e2e
ENDED = "SELECT count(*) FROM orders WHERE state = 'packed'"


def packed(system, number):
    """Whether an order has come to its end."""
    return system.database.value(ENDED) >= number


@pytest.mark.verify
def test_an_order_is_packed(system):
    """An order that is taken is packed."""
    system.api.ask()
    eventually(lambda: packed(system, 1), timeout=10, what="the parcel")


@pytest.mark.row(1)
def test_a_packer_that_is_killed_loses_nothing(system):
    """A packer that is killed loses no order."""
    with system.faults.inject(Killed("packer"), recovered=lambda: packed(system, 3), within=30):
        for _ in range(3):
            system.api.ask()


@pytest.mark.row(2)
@pytest.mark.parametrize("fault", [Refused("redis"), Frozen("redis")], ids=["refused", "frozen"])
def test_orders_are_taken_while_redis_is_away(system, fault):
    """Orders are taken while Redis is away, and packed when it is back."""
    system.expect_errors_while_hurt(REDIS_GONE, "web", "packer", most=50)
    with system.faults.inject(fault, recovered=lambda: packed(system, 3), within=30):
        for _ in range(3):
            system.api.ask()
