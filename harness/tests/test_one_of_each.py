"""One more role, queue, provider, fault and substrate, each by its one declaration, and seen wherever those before it are."""

import sys
import textwrap
from dataclasses import dataclass, replace

import httpx
import pytest

from harness import FakeHttp
from harness.application import DeclarationError, Provider, Role
from harness.experiments.nemesis.wound import Deck
from harness.stack.stack import Stack
from harness.substrates.image import _published
from harness.substrates.spec import StackSpec
from harness.system import faults
from harness.system.faults.node_fault import NodeFault
from harness.system.system import System
from harness.tests.shop import shop

COURIER = Role(
    name="courier",
    argv=("celery", "-A", "shop.packer", "worker", "-E", "-Q", "routes", "-c", "{n}", "-n", "courier@%h"),
    queues=("routes",),
    uses=("redis", "mint"),
    env={"MINT": "{provider:mint}"},
)
DESK = replace(shop.roles["web"], name="desk", kind="desk", port="DESK_PORT")
MINT = Provider(name="mint", module="harness.providers.http", client=FakeHttp, path="/coins")
LARGER = replace(shop, roles={**shop.roles, "courier": COURIER, "desk": DESK}, providers={"mint": MINT})


def targets(app) -> set[str]:
    """What a nemesis hurts."""
    return {wound.make().target for wound in Deck.of(app).wounds}


def test_roles_queues_and_providers_are_hurt_and_counted_wherever_they_can_be():
    links = {"courier/redis", "courier/mint", "desk/redis", "desk/postgres"}  # and no link that nobody uses
    assert targets(LARGER) - targets(shop) == {"courier", "desk"} | links
    assert LARGER.queues == ("parcels", "routes")
    assert LARGER.servers == ("postgres", "redis", "mint")
    cards = [str(card) for card in Deck.of(LARGER).cards]
    assert cards.count("Killed, whole group of courier") == cards.count("Killed, whole group of packer") > 1
    assert (
        len(_published(LARGER)) == len(_published(shop)) + 2
    )  # ports of the proxy: the desk's and the mint's


def test_a_provider_is_no_role():
    with pytest.raises(DeclarationError, match="a role must not be called mint"):
        replace(shop, providers={"mint": MINT}, roles={**shop.roles, "mint": Role(name="mint")})


@pytest.mark.e2e
def test_roles_queues_and_providers_are_started_proved_awaited_and_made_clean():
    with Stack(StackSpec(), "larger", app=LARGER) as stack:
        # Both roles have proved that they work; the desk has a port of its own, behind a link of its own.
        assert httpx.get(f"{stack.url('desk')}/healthz", trust_env=False).is_success
        assert stack.url("desk") != stack.url("web")
        assert set(stack.roles) == {"web", "packer", "courier", "desk"}
        assert {"desk", "scripted mint"} <= set(stack.access())
        assert stack.nodes_by_role()["courier"] == 1

        # The mint is scripted, asked by a link of the courier's own, recorded and reset.
        asked = stack.environments["courier"]["MINT"]
        stack.mint.on(path="/coins").reply("gold")
        system = System(stack, lambda _name, _value: None)
        with system.faults.inject(faults.Slow("courier/mint", 0.05)):
            assert "gold" in httpx.get(asked, trust_env=False).text
        assert system.mint is stack.mint
        system.judge()
        assert [call["provider"] for call in system.evidence.provider_calls] == ["mint"]

        # What waits in the new queue is waited for, and told of.
        stack.node("courier").kill()
        stack.redis.lpush("routes", "a message")
        assert stack.busy() == {"routes": 1}
        assert system.evidence.waiting.keys() == {"parcels", "routes"}
        system.close()
        stack.redis.delete("routes")
        stack.reset()
        assert stack.mint.calls() == []


@dataclass
class Hiccup(NodeFault):
    """A new fault, which is a class and a place in one tuple."""

    def inject(self, stack):
        """See Fault."""

    def heal(self, stack):
        """See Fault."""

    def trace(self, stack):
        """See Fault."""
        return "hic"


def test_a_fault_is_dealt_to_everybody_whom_it_may_meet(monkeypatch):
    monkeypatch.setattr(faults, "FAULTS", (*faults.FAULTS, Hiccup))
    hurt = {str(wound) for wound in Deck.of(shop).wounds if isinstance(wound.make(), Hiccup)}
    assert hurt == {"Hiccup of web", "Hiccup of packer"}
    assert not [wound for wound in Deck.of(shop).wounds if wound.make().cuts and "Hiccup" in str(wound)]
    monkeypatch.setattr(Hiccup, "on_servers", 99)
    monkeypatch.setattr(Hiccup, "cuts", True)
    deck = Deck.of(shop)
    assert {"Hiccup of postgres", "Hiccup of redis"} < {str(wound) for wound in deck.wounds}
    assert [str(card) for card in deck.cards].count("Hiccup of packer") > 1


# In a new interpreter: what there is to choose from is read when the commands are.
ON_THE_MOON = """
import sys
from harness.substrates import choice
from harness.substrates.embedded import Embedded

class Moon(Embedded):
    name = "moon"

sys.modules["moon"] = sys.modules["__main__"]
choice.SUBSTRATES = {**choice.SUBSTRATES, "moon": "moon:Moon"}
"""
COMMANDS = """
from harness.cli import main
sys.argv = ["harness", *sys.argv[1:]]
main()
"""
DOCTOR = """
from dataclasses import replace
from harness.substrates.doctor import Machine, examine, runnable
machine = replace(Machine.probe(), postgres="", valkey="", engine="none", room={"here": 2**30}, packages={})
print(runnable(examine(machine)))
print(runnable(examine(replace(machine, postgres="gone"))))
from harness.experiments.bench import BENCHMARKS
print([name for name, found in BENCHMARKS.items() if found.possible_on("moon")])
"""
PYTEST = """
import pytest
raise SystemExit(pytest.main(sys.argv[1:]))
"""


@pytest.fixture
def on_the_moon(shop_folder):
    """Runs a program in the shop's project, where there is one substrate more."""

    def run(program: str, *arguments: str):
        return shop_folder.run(sys.executable, "-c", ON_THE_MOON + program, *arguments, timeout=100)

    return run


def test_a_substrate_can_be_chosen_examined_and_measured(on_the_moon):
    for command in ("up", "nemesis", "bench", "verify"):
        assert "moon" in on_the_moon(COMMANDS, command, "--help").stdout
        wrong = on_the_moon(COMMANDS, command, "--substrate", "mars").stderr
        assert "moon" in wrong, wrong
    healthy, without, possible = on_the_moon(DOCTOR).stdout.splitlines()
    assert healthy == "['embedded', 'moon']"
    assert without == "[]"  # it has the servers of the embedded one, so it needs what they need
    assert possible == "['start', 'warm-start', 'reset', 'reuse']"


@pytest.mark.e2e
def test_scenarios_run_on_a_new_substrate(on_the_moon, tmp_path):
    scenario = tmp_path / "test_moon.py"
    scenario.write_text(
        textwrap.dedent(
            """
            def test_is_there(system):
                assert system.stack.spec.substrate == "moon"
                assert type(system.stack.substrate).__name__ == "Moon"
            """
        )
    )
    ended = on_the_moon(PYTEST, "--substrate", "moon", "-c", "pyproject.toml", str(scenario))
    assert "stack: tier corner on moon" in ended.stdout, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout
