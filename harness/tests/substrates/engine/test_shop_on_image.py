"""The shop with every member a container, its roles from an image of its own: no file of a product is needed for that."""

import re
import tomllib

import pytest

from harness.base.project import SOURCE
from harness.base.wait import eventually
from harness.stack.stack import Stack
from harness.substrates.engine.build import OWN_TOOLS
from harness.substrates.spec import StackSpec
from harness.system.faults import Disconnected, Killed
from harness.system.system import System
from harness.tests.shop import shop

PACKED = "SELECT count(*) FROM orders WHERE state = 'packed'"


def test_the_tools_are_what_the_harness_says_they_need():
    groups = tomllib.loads((SOURCE / "pyproject.toml").read_text())["dependency-groups"]
    assert re.findall(r'"([\w-]+>=[\d.]+)"', OWN_TOOLS.read_text()) == groups["tools"]


@pytest.mark.e2e
@pytest.mark.docker
@pytest.mark.timeout(600)
def test_a_shop_of_containers_is_hurt_recovers_is_judged_and_is_made_clean():
    def packed(number):
        return lambda: system.database.value(PACKED) == number

    with Stack(StackSpec(substrate="image", tls=True, own_servers=True), "shop", app=shop) as stack:
        assert set(stack.nodes) == {"web", "packer", "postgres", "redis"}
        system = System(stack, lambda _name, _value: None)
        with system.faults.inject(Killed("packer"), recovered=packed(1), within=60):
            system.api.ask()
        with system.faults.inject(Disconnected("redis"), recovered=packed(2), within=60):
            system.api.ask()
        system.expect_errors_while_hurt(
            "Connection to broker lost|Cannot connect to redis|Couldn't ack", "web", "packer", most=50
        )
        system.check()
        stack.reset()
        assert system.database.value(PACKED) == 0
        system.api.ask()
        eventually(packed(1), timeout=30, what="an order after the reset")
        system.close()
