"""The harness in a container that has the engine's socket: the engine says what is beside us, and where its ports are."""

from pathlib import Path

import pytest

from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import PYTHON, resolve

pytestmark = [pytest.mark.e2e, pytest.mark.docker]
ROOT = Path(__file__).parents[4]
ASKS = """
from harness.substrates.engine.engine import Engine, EngineError
try:
    found = Engine.find()
    print("loopback" if found.address == "127.0.0.1" else "gateway", found.remote)
except EngineError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ("bridge", "gateway True"),
        ("host", "loopback False"),
        ("none", "start ours with --network host, or name its address by TESTCONTAINERS_HOST_OVERRIDE"),
    ],
)
def test_published_ports_are_reached_from_a_container_of_our_own_or_it_is_said_why_not(network, said):
    """With a mounted socket the harness finds the way to what the engine publishes, or says at once that there is none."""
    engine = the_engine()
    if not engine.host.startswith("unix:"):
        pytest.skip("the engine listens on no socket that could be mounted")
    path = engine.host.removeprefix("unix://")
    client = engine.client
    answer = client.containers.run(
        resolve(PYTHON, engine),
        ["python", "-c", ASKS],
        network_mode=network,
        volumes={path: {"bind": "/var/run/docker.sock"}, str(ROOT): {"bind": "/src", "mode": "ro"}},
        working_dir="/src",
        environment={"PYTHONDONTWRITEBYTECODE": "1"},
        remove=True,
    )
    assert said in answer.decode()
