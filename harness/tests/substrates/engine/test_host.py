"""Where an engine is, as people write it: it works, or one sentence says what is wrong before anything waits for it."""

import errno
import json
import socket
from pathlib import Path

import pytest

from harness.base import cache
from harness.substrates.engine import current, host
from harness.substrates.engine import engine as module
from harness.substrates.engine.engine import Engine, unusable, why_no_engine
from harness.substrates.engine.host import is_here, out_of_reach, wrong_override
from harness.tests.substrates.engine.answering import DOCKER, unix


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("/var/run/docker.sock", "only unix:// and tcp://"),
        ("2375", "only unix:// and tcp://"),
        ("docker:2375", "only unix:// and tcp://"),
        ("fd://", "only unix:// and tcp://"),
        ("unix://", "names no socket"),
        ("unix://var/run/docker.sock", "names no socket"),
        ("unix:docker.sock", "names no socket"),
        (" unix:///var/run/docker.sock", "white space"),
        ("tcp://10.0.0.1:2375\n", "white space"),
        ("tcp://[::1", "Invalid IPv6"),
        ("tcp://[hunter2]:2375", "not appear to be an IPv4"),
        ("tcp://10.0.0.1:99999", "out of range"),
        ("tcp://10.0.0.1:-1", "Port"),
        ("tcp://10.0.0.1:0", "port 0"),
        ("tcp://10.0.0.1:2375/docker", "behind its port"),
        ("tcp://10.0.0.1:2375?x=1", "behind its port"),
        ("tcp://[fd00::5]:2375", "published to IPv4"),
        ("tcp://me:hunter2@10.0.0.1:2375", "leave out"),
        ("unix://me:hunter2@/var/run/docker.sock", "leave out"),
        ("ssh://me:hunter2@far", "ssh reaches"),
        ("tcp://\x1b[31m:2375", "invisible"),
    ],
)
def test_a_host_that_is_none_is_named_before_anybody_is_asked(written, said):
    found = why_no_engine({"DOCKER_HOST": written})
    assert said in found
    assert "by DOCKER_HOST: " in found
    assert "hunter2" not in found or "[hunter2]" in written
    assert found.isprintable()


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("http://172.17.0.1", "alone, without scheme"),
        ("172.17.0.1:2375", "alone, without scheme"),
        ("me@host", "alone, without scheme"),
        ("::1", "alone, without scheme"),
        (" ", "no name and no IPv4"),
        ("172.17.0.1 ", "no name and no IPv4"),
        ("-host", "no name and no IPv4"),
        ("172.17.0", "no IPv4 address"),
        ("172.17.0.300", "no IPv4 address"),
        ("nowhere.invalid", "is not known here"),
    ],
)
def test_an_override_that_cannot_be_reached_is_named(folder, override, said):
    with unix(folder / "docker.sock"):
        named = {"DOCKER_HOST": f"unix://{folder}/docker.sock", "TESTCONTAINERS_HOST_OVERRIDE": override}
        found = why_no_engine(named)
    assert said in found
    assert found.startswith("TESTCONTAINERS_HOST_OVERRIDE is ")


@pytest.mark.parametrize("override", ["localhost", "127.0.0.1", "LOCALHOST", "172.17.0.1"])
def test_an_override_that_is_one_is_none_of_our_business(override):
    assert wrong_override(override) == ""


@pytest.mark.parametrize(
    ("written", "here"),
    [
        ("localhost", True),
        ("LocalHost.", True),
        ("docker.localhost", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", True),
        ("10.0.0.1", False),
        ("172.17.0.1", False),
        ("localhost.example.com", False),
        ("docker", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_this_machine_is_known_by_each_of_its_names(written, here):
    assert is_here(written) is here


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("tcp://127.0.0.2:2375", "127.0.0.1"),
        ("tcp://[::1]:2375", "127.0.0.1"),
        ("tcp://0.0.0.0:2375", "127.0.0.1"),
        ("tcp://LOCALHOST:2375", "localhost"),
    ],
)
def test_ports_of_this_machine_are_reached_where_they_are_published(written, address):
    engine = Engine(host=written, certificates=None, version="27", api="1.46")
    assert (engine.address, engine.remote) == (address, False)


def test_a_socket_needs_no_certificates_whatever_is_asked_of_tls(folder, tmp_path, monkeypatch):
    named = {"DOCKER_HOST": f"unix://{folder}/docker.sock", "DOCKER_TLS_VERIFY": "1"}
    named |= {"DOCKER_CERT_PATH": str(tmp_path / "none")}
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    with unix(folder / "docker.sock"):
        found = current.the_engine.__wrapped__()
    assert found.environment == {"DOCKER_HOST": named["DOCKER_HOST"]}
    assert "DOCKER_TLS_VERIFY" not in module.os.environ  # docker, which we start, would look for ca.pem


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"Version": "27.0"},
        DOCKER | {"ApiVersion": None},
        DOCKER | {"ApiVersion": "one"},
        DOCKER | {"ApiVersion": "1.x"},
        DOCKER | {"ApiVersion": "1"},
        DOCKER | {"ApiVersion": 1.46},
        DOCKER | {"ApiVersion": "9" * 9000 + ".1"},
        DOCKER | {"Version": ["27"]},
        DOCKER | {"Os": None},
        DOCKER | {"Components": "Engine", "Os": 7},
        DOCKER | {"Components": [None, 1, []], "ApiVersion": ""},
    ],
    ids=lambda facts: repr(facts)[:60],
)
def test_an_answer_that_says_too_little_is_no_engines(facts):
    assert unusable(facts)


@pytest.mark.parametrize("body", [b"[]", b"5", b"null", b'"x"', b"{", b"[[1, 2]]", b"\xff", b"[" * 100_000])
def test_an_answer_that_is_no_object_is_no_engines(folder, body):
    with unix(folder / "docker.sock", facts=body):
        assert "something else than a Docker engine" in why_no_engine({}, [folder / "docker.sock"])


@pytest.mark.parametrize("known", [[], "x", {"HostConfig": 5}, {"HostConfig": {"NetworkMode": {}}}])
def test_what_it_says_of_our_container_may_be_nonsense(folder, tmp_path, monkeypatch, known):
    mounts, routes = tmp_path / "mounts", tmp_path / "routes"
    mounts.write_text(
        f"1 2 0:1 /var/lib/docker/containers/{'a' * 64}/hostname /etc/hostname rw - ext4 /dev/sda rw\n"
    )
    routes.write_text("Iface\tDestination\tGateway\nshort\n")
    real = module.published_at
    monkeypatch.setattr(module, "published_at", lambda inspect: real(lambda _: known, mounts, routes))
    with unix(folder / "docker.sock"):
        assert "of our own container what no Docker engine would" in why_no_engine(
            {}, [folder / "docker.sock"]
        )


def test_a_published_port_is_reached_or_named(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listens:
        port = listens.getsockname()[1]
        assert out_of_reach("127.0.0.1", port, 1) == ""
    assert out_of_reach("127.0.0.1", port, 1) == ""  # nobody listens yet
    for error in (TimeoutError("timed out"), OSError(errno.EHOSTUNREACH, "No route to host")):

        def fails(*_, error=error):
            raise error

        monkeypatch.setattr(host.socket, "create_connection", fails)
        assert "TESTCONTAINERS_HOST_OVERRIDE" in out_of_reach("203.0.113.1", 32768, 1)


def test_who_has_no_home_has_no_context_and_a_cache_all_the_same(monkeypatch):
    """A container that was started with the number of a user alone."""

    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    monkeypatch.setattr(cache.os, "geteuid", lambda: 4242)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache.cache_folder().name == "celery-harness-4242"
    assert why_no_engine({"DOCKER_TLS_VERIFY": "1", "DOCKER_HOST": "tcp://127.0.0.1:1"}).startswith(
        "DOCKER_TLS_VERIFY asks for what"
    )
    assert why_no_engine({"DOCKER_CONTEXT": "lost"}).startswith("DOCKER_CONTEXT names the context 'lost'")
    assert json.dumps([str(path) for path in module.usual_sockets({})])
