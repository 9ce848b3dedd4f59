"""Which engine is taken, and in which words another one is refused."""

import http.server
import socketserver
import ssl
from pathlib import Path

import pytest
import trustme

from harness.substrates.engine import engine as module
from harness.substrates.engine.engine import Engine, EngineError, unusable, usual_sockets, why_no_engine
from harness.tests.substrates.engine.answering import DOCKER, listening, unix

PODMAN = {"Version": "4.3.1", "ApiVersion": "1.41", "Os": "linux", "Components": [{"Name": "Podman Engine"}]}


def test_the_first_usual_socket_with_an_engine_behind_it_is_taken(folder):
    path = folder / "docker.sock"
    (folder / "none.sock").touch()
    with unix(path):
        found = Engine.find({}, [folder / "away.sock", folder / "none.sock", path])
    assert (found.host, found.version) == (f"unix://{path}", "20.10.24")
    assert (found.address, found.remote) == ("127.0.0.1", False)
    assert found.environment == {"DOCKER_HOST": f"unix://{path}"}


def test_docker_host_goes_before_the_usual_sockets(folder):
    with unix(folder / "usual.sock"), unix(folder / "named.sock"):
        named = {"DOCKER_HOST": f"unix://{folder}/named.sock"}
        assert Engine.find(named, [folder / "usual.sock"]).host == named["DOCKER_HOST"]
    assert "named.sock" in why_no_engine(named, [folder / "usual.sock"])


def test_the_client_speaks_to_the_engine_that_was_found(folder):
    with unix(folder / "docker.sock"):
        client = Engine.find({"DOCKER_HOST": f"unix://{folder}/docker.sock"}).client
        try:
            assert client.version()["Version"] == "20.10.24"
        finally:
            client.close()


def test_an_engine_on_tcp_answers():
    with listening(socketserver.TCPServer, ("127.0.0.1", 0)) as server:
        host = f"tcp://127.0.0.1:{server.server_address[1]}"
        assert Engine.find({"DOCKER_HOST": host}).host == host


@pytest.mark.parametrize(
    ("host", "address", "remote"),
    [
        ("unix:///var/run/docker.sock", "127.0.0.1", False),
        ("tcp://localhost:2375", "localhost", False),
        ("tcp://10.1.2.3:2376", "10.1.2.3", True),
    ],
)
def test_published_ports_are_reached_where_the_engine_is(host, address, remote):
    engine = Engine(host=host, certificates=None, version="27", api="1.46")
    assert (engine.address, engine.remote) == (address, remote)


@pytest.fixture
def certificates(folder):
    """A folder as DOCKER_CERT_PATH wants it, and what a server needs that trusts its client."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    mine = authority.issue_cert("client@example.com")
    mine.private_key_pem.write_to_path(folder / "key.pem")
    mine.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.verify_mode = ssl.CERT_REQUIRED
    authority.issue_cert("127.0.0.1").configure_cert(trust)
    authority.configure_trust(trust)
    return folder, trust


def test_tls_is_verified_in_both_directions(certificates, tmp_path, monkeypatch):
    folder, trust = certificates
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    with listening(socketserver.TCPServer, ("127.0.0.1", 0), trust=trust) as server:
        named = {"DOCKER_HOST": f"tcp://127.0.0.1:{server.server_address[1]}", "DOCKER_TLS_VERIFY": "1"}
        found = Engine.find(named | {"DOCKER_CERT_PATH": str(folder)})
        assert found.environment == named | {"DOCKER_CERT_PATH": str(folder)}
        try:
            assert found.client.version()["ApiVersion"] == "1.41"
        finally:
            found.client.close()

        trustme.CA().cert_pem.write_to_path(folder / "ca.pem")
        assert "certificate verify failed" in why_no_engine(named | {"DOCKER_CERT_PATH": str(folder)})
        assert "No such file" in why_no_engine(named | {"DOCKER_CERT_PATH": str(tmp_path)})


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("ssh://user@build.example.com", "ssh reaches the engine but not the ports of its containers"),
        ("npipe:////./pipe/docker_engine", "only unix:// and tcp://"),
        ("tcp://127.0.0.1:none", "Port could not be cast"),
    ],
)
def test_a_host_that_cannot_be_used_is_refused_with_the_reason(host, reason):
    with pytest.raises(EngineError, match=reason):
        Engine.find({"DOCKER_HOST": host})


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (DOCKER, ""),
        (PODMAN, "this is Podman 4.3.1"),
        (DOCKER | {"Os": "windows"}, "switch it to Linux containers"),
        (DOCKER | {"Version": "19.03.1", "ApiVersion": "1.40"}, "Docker 19.03.1 (API 1.40) is too old"),
        (DOCKER | {"ApiVersion": "1.100", "Components": None}, ""),
    ],
)
def test_what_answers_is_judged(facts, reason):
    found = unusable(facts)
    assert reason in found
    assert bool(reason) == bool(found)


def test_podman_is_recognised_on_its_socket_and_does_not_hide_docker(folder):
    with unix(folder / "podman.sock", facts=PODMAN):
        assert "this is Podman" in why_no_engine({}, [folder / "podman.sock"])
        with unix(folder / "docker.sock"):
            assert why_no_engine({}, [folder / "podman.sock", folder / "docker.sock"]) == ""


@pytest.mark.parametrize(
    ("answer", "reason"),
    [({"status": 500}, " answered 500"), ({"facts": b"<html>"}, " answered something else")],
)
def test_an_engine_that_answers_nonsense_is_none(folder, answer, reason):
    path = folder / "docker.sock"
    with unix(path, **answer):
        assert why_no_engine({}, [path]).startswith(f"unix://{path}{reason}")


def test_a_socket_that_nobody_listens_on_is_no_engine(folder):
    path = folder / "docker.sock"
    with socketserver.UnixStreamServer(str(path), http.server.BaseHTTPRequestHandler):
        pass
    assert "refused" in why_no_engine({}, [path])


def test_a_socket_that_never_answers_is_no_engine(folder, monkeypatch):
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.05)
    path = folder / "docker.sock"
    with socketserver.UnixStreamServer(str(path), http.server.BaseHTTPRequestHandler):
        assert "timed out" in why_no_engine({}, [path])


def test_no_socket_is_no_engine(folder):
    assert why_no_engine({}, [folder / "docker.sock"]) == "there is no socket of one"


def test_rootless_engines_are_looked_for_where_the_session_has_them():
    assert Path("/run/user/7/docker.sock") in usual_sockets({"XDG_RUNTIME_DIR": "/run/user/7"})
    assert Path("/var/run/docker.sock") in usual_sockets({})
