"""Engines as people really have them: by a context, by TLS, and by a socket that is mounted into a container of ours."""

import hashlib
import json
import socketserver

import pytest

from harness.substrates.engine import engine as module
from harness.substrates.engine.beside import published_at
from harness.substrates.engine.engine import Engine, EngineError, why_no_engine
from harness.tests.substrates.engine.answering import listening, unix

OWN = "0123456789abcdef" * 4
MOUNTS = f"700 690 0:1 /var/lib/docker/containers/{OWN}/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n"
ROUTES = "Iface\tDestination\tGateway\nlo\t0000007F\t00000000\neth0\t00000000\t010011AC\n"


def context(folder, name, host, *, current=True):
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / key
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))
    if current:
        (folder / "config.json").write_text(json.dumps({"currentContext": name}))
    return {"DOCKER_CONFIG": str(folder)}


@pytest.fixture
def files(tmp_path):
    """What /proc says of a process in a container, for published_at."""
    mounts, routes = tmp_path / "mountinfo", tmp_path / "route"
    mounts.write_text(MOUNTS)
    routes.write_text(ROUTES)
    return mounts, routes


def test_the_current_context_is_taken(folder):
    with unix(folder / "colima.sock"), unix(folder / "usual.sock"):
        environ = context(folder, "colima", f"unix://{folder}/colima.sock")
        assert Engine.find(environ, [folder / "usual.sock"]).host == f"unix://{folder}/colima.sock"
        named = environ | {"DOCKER_HOST": f"unix://{folder}/usual.sock"}
        assert Engine.find(named).host == f"unix://{folder}/usual.sock"
        default = environ | {"DOCKER_CONTEXT": "default"}
        assert Engine.find(default, [folder / "usual.sock"]).host == f"unix://{folder}/usual.sock"


def test_a_context_can_be_named(folder):
    with unix(folder / "other.sock"):
        environ = context(folder, "other", f"unix://{folder}/other.sock", current=False)
        assert Engine.find(environ | {"DOCKER_CONTEXT": "other"}).host == f"unix://{folder}/other.sock"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("ssh://me@far", "of the context far: ssh reaches the engine but not the ports"),
        ("npipe:////./pipe/docker_engine", "of the context far: only unix:// and tcp://"),
        ("unix:///nowhere/docker.sock", "No such file"),
    ],
)
def test_a_context_that_is_no_use_is_named(folder, host, said):
    assert said in why_no_engine(context(folder, "far", host))


def test_a_context_that_is_not_there_is_named(folder):
    assert "DOCKER_CONTEXT names the context 'lost'" in why_no_engine(
        {"DOCKER_CONFIG": str(folder), "DOCKER_CONTEXT": "lost"}
    )
    (folder / "config.json").write_text('{"currentContext": "gone"}')
    assert "names the context 'gone'" in why_no_engine({"DOCKER_CONFIG": str(folder)})


def test_tls_without_its_files_is_named_before_anything_is_asked(folder):
    environ = {"DOCKER_HOST": "tcp://127.0.0.1:1", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}
    assert f"DOCKER_CERT_PATH has not. No such file in {folder}: ca.pem, cert.pem, key.pem" in why_no_engine(
        environ
    )


def test_a_port_of_tls_that_is_spoken_to_without_is_named():
    said = b"Client sent an HTTP request to an HTTPS server.\n"
    with listening(socketserver.TCPServer, ("127.0.0.1", 0), facts=said, status=400) as server:
        assert "set DOCKER_TLS_VERIFY=1" in why_no_engine(
            {"DOCKER_HOST": f"tcp://127.0.0.1:{server.server_address[1]}"}
        )


def test_the_override_says_where_ports_are_reached(folder):
    with unix(folder / "docker.sock"):
        named = {"DOCKER_HOST": f"unix://{folder}/docker.sock", "TESTCONTAINERS_HOST_OVERRIDE": "172.17.0.1"}
        found = Engine.find(named)
        assert (found.address, found.remote) == ("172.17.0.1", True)
        assert Engine.find({"DOCKER_HOST": named["DOCKER_HOST"]}).address == "127.0.0.1"


@pytest.mark.parametrize(
    ("known", "address"),
    [
        (None, ""),
        ({"HostConfig": {"NetworkMode": "host"}}, ""),
        ({"HostConfig": {"NetworkMode": "bridge"}}, "172.17.0.1"),
        ({"HostConfig": {"NetworkMode": "work_default"}}, "172.17.0.1"),
    ],
)
def test_a_container_beside_ours_is_reached_by_our_gateway(files, known, address):
    asked = []

    def inspect(own):
        asked.append(own)
        return known

    assert published_at(inspect, *files) == address
    assert asked == [OWN]


def test_without_a_way_to_them_it_is_named(files):
    files[1].write_text(ROUTES.splitlines()[0])
    with pytest.raises(
        LookupError, match="--network host, or name its address by TESTCONTAINERS_HOST_OVERRIDE"
    ):
        published_at(lambda _: {"HostConfig": {"NetworkMode": "none"}}, *files)


def test_who_is_in_no_container_asks_for_none(files, tmp_path):
    files[0].write_text("1 2 0:1 / / rw - ext4 /dev/sda1 rw\n")
    assert published_at(lambda _: pytest.fail("asked"), *files) == ""
    assert published_at(lambda _: pytest.fail("asked"), tmp_path / "none", files[1]) == ""


def test_an_engine_whose_ports_are_out_of_reach_is_refused(folder, monkeypatch):
    def out_of_reach(_):
        raise LookupError("no way to the ports")

    monkeypatch.setattr(module, "published_at", out_of_reach)
    with unix(folder / "docker.sock"), pytest.raises(EngineError, match="no way to the ports"):
        Engine.find({}, [folder / "docker.sock"])
