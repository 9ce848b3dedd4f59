"""One more role, queue, server, provider, fault and substrate, each by its one declaration, and seen wherever others are."""

import ast
import inspect
import re
import socket
import sys
import textwrap
from dataclasses import dataclass, replace

import pytest

from harness.application import DeclarationError, Provider, Role, Server
from harness.application.provider import TAKEN
from harness.base.http import http_get
from harness.base.project import SOURCE
from harness.experiments.nemesis.wound import Deck
from harness.providers.http.client import FakeHttp
from harness.stack.client import new_client
from harness.stack.stack import Stack
from harness.substrates.doctor import Machine, examine
from harness.substrates.image import _published
from harness.substrates.spec import StackSpec
from harness.system import faults
from harness.system.faults.node_fault import NodeFault
from harness.system.system import System
from harness.tests.shop import shop
from harness.tests.shop.project_folder import ProjectFolder

COURIER = Role(
    name="courier",
    argv=("celery", "-A", "shop.packer", "worker", "-E", "-Q", "routes", "-c", "{n}", "-n", "courier@%h"),
    queues=("routes",),
    uses=("redis", "mint", "shelf"),
    env={"MINT": "{provider:mint}", "SHELF": "{server:shelf}"},
)
DESK = replace(shop.roles["web"], name="desk", kind="desk", port="DESK_PORT")


def ask(url: str, word: str) -> list[str]:
    """Ask the shelf."""
    with socket.create_connection(url.removeprefix("shelf://").rsplit(":", 1), timeout=2) as connection:
        connection.sendall(f"{word}\n".encode())
        return connection.makefile().readline().split()


SHELF = Server(
    name="shelf",
    argv=("python", str(SOURCE / "harness/tests/substrates/shelf.py"), "{host}", "{port}"),
    image="shelves.example/shelf:3",
    port=7000,
    url="shelf://{address}",
    answers=lambda url: ask(url, "get") is not None,
    empty=lambda url: ask(url, "clear"),
    open=lambda url: ask(url, "get").count("unread"),
)
MINT = Provider(name="mint", module="harness.providers.http", client=FakeHttp, path="/coins")
LARGER = replace(
    shop,
    roles={**shop.roles, "courier": COURIER, "desk": DESK},
    servers={"shelf": SHELF},
    providers={"mint": MINT},
)


def targets(app) -> set[str]:
    """What a nemesis hurts."""
    return {wound.make().target for wound in Deck.of(app).wounds}


def test_roles_queues_servers_and_providers_are_hurt_and_counted_wherever_they_can_be():
    # And no link that nobody uses.
    links = {"courier/redis", "courier/mint", "courier/shelf", "desk/redis", "desk/postgres"}
    assert targets(LARGER) - targets(shop) == {"courier", "desk", "shelf"} | links
    assert LARGER.queues == ("parcels", "routes")
    assert LARGER.server_names == ("postgres", "redis", "shelf", "mint")
    hurt = {str(wound) for wound in Deck.of(LARGER).wounds}
    on_redis = {what for what in hurt if what.endswith(" of redis")}
    on_shelf = {what.replace(" of shelf", " of redis") for what in hurt if what.endswith(" of shelf")}
    assert on_redis - on_shelf == {"Flushed of redis", "Full of redis", "ReadOnly of redis"}
    assert on_shelf < on_redis
    cards = [str(card) for card in Deck.of(LARGER).cards]
    assert cards.count("Killed, whole group of courier") == cards.count("Killed, whole group of packer") > 1
    # Three ports of the proxy: the desk's, the shelf's and the mint's.
    assert len(_published(LARGER)) == len(_published(shop)) + 3


def test_a_provider_is_no_role():
    with pytest.raises(DeclarationError, match="a role must not be called mint"):
        replace(shop, providers={"mint": MINT}, roles={**shop.roles, "mint": Role(name="mint")})


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"servers": {"redis": replace(SHELF, name="redis")}}, "two servers must not be called redis"),
        ({"servers": {"web": replace(SHELF, name="web")}}, "a role must not be called web"),
        ({"servers": {"shelf": SHELF}, "providers": {"shelf": replace(MINT, name="shelf")}}, "called shelf"),
        ({"servers": {"proxy": replace(SHELF, name="proxy")}}, "'proxy' cannot be the name of a member"),
        ({"servers": {"a/b": replace(SHELF, name="a/b")}}, "'a/b' cannot be the name of a member"),
        ({"roles": {**shop.roles, "": Role(name="", kind="x")}}, "'' cannot be the name of a member"),
        ({"servers": {"shelves": SHELF}}, "what is declared as shelves calls itself shelf"),
        (
            {"roles": {**shop.roles, "courier": COURIER}},
            "courier uses mint, which is no server; there are: post",
        ),
        ({"servers": {"naïve": replace(SHELF, name="naïve")}}, "'naïve' cannot be the name of a member"),
        ({"servers": {"x" * 64: replace(SHELF, name="x" * 64)}}, "cannot be the name of a member"),
        ({"servers": {"Web": replace(SHELF, name="Web")}}, "web and Web"),
        ({"servers": {"Proxy": replace(SHELF, name="Proxy")}}, "'Proxy' cannot be the name of a member"),
        ({"tiers": {}}, "at which tier is it started"),
        ({"works": (replace(shop.works[0], at="packer"),)}, "packer is asked for work, and does not listen"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_it_is_declared(declared, said):
    with pytest.raises(DeclarationError, match=said):
        replace(shop, **declared)


@pytest.mark.parametrize("field", ["argv", "forked", "command", "queues", "uses"])
def test_one_text_in_the_place_of_many_is_refused_when_it_is_declared(field):
    """Python would take each of its letters for one: six queues that nobody fills."""
    with pytest.raises(DeclarationError, match=rf"packer: {field}='celery' .* {field}=\('celery',\)"):
        Role(name="packer", **{field: "celery"})


@pytest.mark.parametrize("given", [{"image": "shelf:3"}, {"port": 7000}, {}])
def test_a_server_that_nothing_starts_is_refused_when_it_is_declared(given):
    with pytest.raises(DeclarationError, match=r"argv=|image"):
        Server(name="shelf", **given)


def test_a_server_is_examined_and_blocks_the_substrates_where_it_cannot_be():
    machine = replace(Machine.probe(LARGER), engine="")
    shown = {need.what: need for need in examine(machine)}
    assert shown["program of shelf"].ok
    gone = replace(SHELF, argv=("shelfd", "{port}"), image="", port=0)
    machine = replace(Machine.probe(replace(LARGER, servers={"shelf": gone})), engine="")
    shown = {need.what: need for need in examine(machine) if not need.ok}
    assert shown["program of shelf"].detail == "there is no shelfd"
    assert "embedded" in shown["program of shelf"].blocks
    assert {"containers", "image"} <= {*shown["image of shelf"].blocks}


@pytest.mark.e2e
def test_roles_queues_servers_and_providers_are_started_proved_awaited_and_made_clean():
    with Stack(StackSpec(), "larger", app=LARGER) as stack:
        # Both roles have proved that they work; the desk has a port of its own, behind a link of its own.
        assert http_get(f"{stack.url('desk')}/healthz").is_success
        assert stack.url("desk") != stack.url("web")
        assert set(stack.roles) == {"web", "packer", "courier", "desk"}
        assert {"desk", "shelf", "scripted mint"} <= set(stack.access())
        assert stack.nodes_by_role()["courier"] == 1

        # The mint is scripted, asked by a link of the courier's own, recorded and reset.
        asked = stack.environments["courier"]["MINT"]
        stack.mint.on(path="/coins").reply("gold")
        system = System(stack, lambda _name, _value: None)
        with system.faults.inject(faults.Slow("courier/mint", 0.05)):
            assert "gold" in http_get(asked).text
        assert system.mint is stack.mint
        system.judge()
        assert [call["provider"] for call in system.evidence.provider_calls] == ["mint"]

        # The shelf has a link of the courier's own, a log, and is started again like any server.
        by_courier = stack.environments["courier"]["SHELF"]
        assert by_courier != stack.url("shelf") != ""
        with system.faults.inject(faults.Slow("courier/shelf", 0.05)):
            assert ask(by_courier, "unread") == ["unread"]
        assert stack.busy() == {"shelf": 1}
        with system.faults.inject(faults.Killed("shelf")):
            pass
        assert ask(by_courier, "a-book") == ["a-book"]
        assert stack.node("shelf").log.text().count("there are shelves") == 2
        assert stack.environment_here("courier")["SHELF"] == stack.url("shelf")

        # What waits in the new queue is waited for, and told of.
        stack.node("courier").kill()
        stack.redis.lpush("routes", "a message")
        assert stack.busy() == {"routes": 1}
        assert system.evidence.waiting.keys() == {"parcels", "routes"}
        system.close()
        stack.redis.delete("routes")
        stack.reset()
        assert stack.mint.calls() == []
        assert ask(by_courier, "get") == []


CACHE = """
from dataclasses import replace
from harness.substrates.ready_made import another_postgres, another_redis

web = replace(app.roles["web"], uses=("redis", "postgres", "cache"), env={"CACHE": "{server:cache}"})
servers = {"cache": another_redis("cache"), "books": another_postgres("books")}
app = replace(app, servers=servers, roles={**app.roles, "web": web})
"""


@pytest.mark.e2e
def test_commands_know_a_server_that_is_declared(tmp_path):
    project = ProjectFolder.copy(tmp_path)
    with (project.path / "stack.py").open("a") as declaration:
        declaration.write(CACHE)
    examined = project.harness("doctor").stdout
    assert "program of cache" in examined
    assert "program of books" in examined
    assert "cache" in project.harness("nemesis", "--minutes", "5", "--seed", "1", "--dry-run").stdout
    up = project.harness("up", "--substrate", "embedded", "--detach")
    try:
        assert re.search(r"cache +redis://127\.0\.0\.1", up.stdout), up.stdout + up.stderr
        assert re.search(r"books +postgresql://harness", up.stdout)
        assert "Ready to accept connections" in project.harness("logs", "cache").stdout
        (scenario := project.path / "test_on_it.py").write_text(
            "def test_cached(system):\n    assert system.stack.url('cache').startswith('redis://')\n"
        )
        again = project.run(
            sys.executable, "-m", "pytest", "-q", "--substrate", "embedded", "--reuse", str(scenario)
        )
        assert "1 passed" in again.stdout, again.stdout
    finally:
        ended = project.harness("down")
    assert ended.returncode == 0


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
    assert possible == "['start', 'warm-start', 'reset', 'reuse', 'trace']"


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


@pytest.mark.parametrize("name", ["api", "check", "database", "redis_urls", "my-mint", "class"])
def test_a_provider_that_no_scenario_could_reach_is_refused_when_it_is_declared(name):
    with pytest.raises(DeclarationError, match=f"a provider cannot be called '{name}'"):
        replace(shop, providers={name: replace(MINT, name=name)})


def test_what_a_provider_cannot_be_called_is_what_a_system_and_its_stack_have():
    assert public_names(System) | public_names(Stack) == TAKEN


def public_names(kind):
    """Of a class and those that it is made of: what they define, and what they assign to themselves."""
    found = {name for name in dir(kind) if not name.startswith("_")}
    for one in kind.__mro__:
        if one.__module__.startswith("harness."):
            for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(one)))):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    found |= {node.attr} if ast.unparse(node.value) == "self" else set()
    return {name for name in found if not name.startswith("_")}


def test_an_application_in_which_nobody_listens_has_scenarios_too():
    """Workers alone: who asks for something by HTTP is told so, and nobody else is."""
    deaf = replace(shop, roles={"packer": shop.roles["packer"]}, works=(), live=None, budgets={}, build=None)

    class Running(Stack):
        def __init__(self) -> None:
            self.app = deaf

        def client(self):
            return new_client(self.app, self.app.asked(), None)

        def let_go(self, client) -> None:
            raise AssertionError(f"{client} was never made")

    system = System(Running(), lambda _name, _value: None)
    with pytest.raises(DeclarationError, match="no role listens"):
        _ = system.api
    system.close()
