"""Each hurt is proved to bite and to heal, on a real link to an echo server."""

import contextlib
import socket
import socketserver
import struct
import tempfile
import threading
import time
from pathlib import Path

import pytest

from harness.base.wait import eventually
from harness.nodes.links import Links, ProxyError
from harness.nodes.supervisor_client import SupervisorClient

SHORT = 0.2


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.request.recv(65536):
                self.request.sendall(data)


@pytest.fixture(scope="module")
def echo():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def links():
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "proxy.log"
        with SupervisorClient.start(Path(folder) / "supervisor.log") as supervisor:
            links = Links.start(supervisor, Path(folder), log)
            yield links
            links.close()
        assert log.read_text() == ""


def dial(links: Links, name: str) -> socket.socket:
    host, _, port = links.outside(name).rpartition(":")
    return socket.create_connection((host, int(port)), timeout=5)


@pytest.fixture
def link(links, echo, request):
    links.add(request.node.name, echo)
    return request.node.name


@pytest.fixture
def connect(links, link):
    opened = []

    def open_one() -> socket.socket:
        opened.append(dial(links, link))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def ends(links, request):
    """Opens connections, and shows both ends of them: the client's and the server's."""
    name = request.node.name
    with contextlib.ExitStack() as opened, socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        links.add(name, f"127.0.0.1:{server.getsockname()[1]}")

        def open_one() -> tuple[socket.socket, socket.socket]:
            client = dial(links, name)
            accepted = server.accept()[0]
            accepted.settimeout(5)
            for end in (client, accepted):
                opened.enter_context(end)
            client.sendall(b"hello")  # it is through once this has arrived
            assert accepted.recv(5) == b"hello"
            return client, accepted

        yield name, open_one


def exchange(connection: socket.socket, sent: bytes = b"ping") -> bytes:
    connection.sendall(sent)
    received = b""
    while len(received) < len(sent):
        chunk = connection.recv(65536)
        if not chunk:
            break
        received += chunk
    return received


def send_what_fits(connection: socket.socket, payload: bytes) -> int:
    sent = 0
    with contextlib.suppress(TimeoutError):
        while sent < len(payload):
            sent += connection.send(payload[sent : sent + (1 << 20)])
    return sent


def seen(links: Links, name: str) -> dict[str, int]:
    return {what: number for what, number in links.stats(name).items() if number}


def silent(connection: socket.socket) -> bool:
    connection.settimeout(SHORT)
    try:
        return connection.recv(1) is None
    except TimeoutError:
        return True
    finally:
        connection.settimeout(5)


def test_bytes_go_both_ways_and_are_counted(links, link, connect):
    assert exchange(connect()) == b"ping"
    assert seen(links, link) == {"open": 1, "accepted": 1, "up": 4, "down": 4}


def test_a_close_is_passed_on(links, link, connect):
    connection = connect()
    exchange(connection)
    connection.close()
    eventually(lambda: links.stats(link)["open"] == 0, timeout=5, what="the end of both halves")


def test_several_megabytes_through_a_slow_reader(connect):
    connection = connect()
    payload = bytes(range(256)) * 4096 * 8
    sender = threading.Thread(target=connection.sendall, args=(payload,))
    sender.start()
    received = bytearray()
    while len(received) < len(payload):
        received += connection.recv(1 << 16)
    sender.join()
    assert bytes(received) == payload


def test_refuse_resets_old_and_new_connections_until_healed(links, link, connect):
    before = connect()
    exchange(before)
    with links.hurt(link, refuse=True):
        with pytest.raises(ConnectionResetError):
            exchange(before)
        with pytest.raises(OSError, match="reset"):
            exchange(connect())
    assert exchange(connect()) == b"ping"


def test_reset_breaks_what_is_open_and_nothing_else(links, link, connect):
    before = connect()
    exchange(before)
    links.reset(link)
    with pytest.raises(ConnectionResetError):
        exchange(before)
    assert exchange(connect()) == b"ping"


def test_stall_delivers_nothing_until_healed_and_loses_nothing(links, link, connect):
    before = connect()
    exchange(before)
    with links.hurt(link, stall=True):
        new = connect()
        for connection in (before, new):
            connection.sendall(b"ping")
            assert silent(connection)
    assert [connection.recv(4) for connection in (before, new)] == [b"ping", b"ping"]


def test_stall_holds_back_the_end_of_a_connection(links, ends):
    name, open_one = ends
    client, accepted = open_one()
    with links.hurt(name, stall=True):
        client.close()
        assert silent(accepted)
    assert accepted.recv(1) == b""


@pytest.mark.parametrize("hurt", [{"stall": True}, {"half_open": "both"}], ids=["stall", "half open"])
def test_a_reset_is_held_back_until_the_link_is_healed(links, ends, hurt):
    name, open_one = ends
    client, accepted = open_one()
    with links.hurt(name, **hurt):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        assert silent(accepted)
    with pytest.raises(ConnectionResetError):
        accepted.recv(1)
    assert links.stats(name)["open"] == 0


def test_stall_holds_a_sender_up_and_loses_nothing(links, ends):
    name, open_one = ends
    client, accepted = open_one()
    payload = b"x" * (64 << 20)
    with links.hurt(name, stall=True):
        client.settimeout(SHORT)
        sent = send_what_fits(client, payload)
    client.close()
    received = 0
    while chunk := accepted.recv(1 << 20):
        received += len(chunk)
    assert received == sent < len(payload)


def test_latency_that_is_taken_away_leaves_the_order_as_it_was(links, ends):
    name, open_one = ends
    client, accepted = open_one()
    with links.hurt(name, latency=2 * SHORT):
        client.sendall(b"a")
        assert silent(accepted)
    client.sendall(b"b")
    client.shutdown(socket.SHUT_WR)
    assert b"".join(iter(lambda: accepted.recv(2), b"")) == b"ab"


def test_hurts_of_different_kinds_overlap(links, ends):
    name, open_one = ends
    before, _ = open_one()
    with links.hurt(name, latency=SHORT):
        with links.hurt(name, stall=True):
            links.reset(name)
            with pytest.raises(ConnectionResetError):
                before.recv(1)
        began = time.monotonic()
        open_one()
        assert time.monotonic() - began >= SHORT


def test_latency_delays_each_way(links, link, connect):
    connection = connect()
    exchange(connection)
    with links.hurt(link, latency=SHORT):
        began = time.monotonic()
        assert exchange(connection) == b"ping"
        assert time.monotonic() - began >= 2 * SHORT
    late = links.stats(link)["late"]
    assert exchange(connection) == b"ping"
    assert links.stats(link)["late"] == late > 0


def test_drop_swallows_one_matching_reply(links, link, connect):
    connection = connect()
    with links.hurt(link, drop="^sec"):
        assert exchange(connection, b"first") == b"first"
        connection.sendall(b"second")
        dropped(links, link)
        assert silent(connection)
        assert exchange(connection, b"second") == b"second"
    dropped(links, link)


def dropped(links, name):
    """Wait until one reply was."""
    eventually(lambda: links.stats(name)["dropped"] == 1, timeout=5, what="the drop of one reply")


@pytest.mark.parametrize("way", ["up", "down", "both"])
def test_a_half_open_link_takes_what_is_sent_and_delivers_nothing(links, ends, way):
    name, open_one = ends
    client, accepted = open_one()
    with links.hurt(name, half_open=way):
        for sender, receiver, taken in ((client, accepted, "up"), (accepted, client, "down")):
            sender.sendall(b"ping")
            assert silent(receiver) if way in {taken, "both"} else receiver.recv(4) == b"ping"
    assert links.stats(name)["swallowed"] == (8 if way == "both" else 4)


def test_what_was_half_open_is_never_whole_again_but_the_next_connection_is(links, ends):
    name, open_one = ends
    client, accepted = open_one()
    with links.hurt(name, half_open="both"):
        client.sendall(b"lost")
        assert silent(accepted)
    client.sendall(b"lost too")
    assert silent(accepted)
    open_one()


def test_a_half_open_link_hides_the_end_of_a_connection_until_it_is_healed(links, ends):
    name, open_one = ends
    client, accepted = open_one()
    with links.hurt(name, half_open="both"):
        client.close()
        assert silent(accepted)
    with pytest.raises(ConnectionResetError):
        accepted.recv(1)
    eventually(lambda: links.stats(name)["open"] == 0, timeout=5, what="the end of both halves")


def test_a_narrow_link_lets_so_many_bytes_through_a_second_and_holds_the_sender_up(links, ends):
    name, open_one = ends
    client, accepted = open_one()
    payload = b"x" * 40_000
    with links.hurt(name, bandwidth=80_000):
        began = time.monotonic()
        client.sendall(payload)
        received = 0
        while received < len(payload):
            received += len(accepted.recv(1 << 16))
        assert 0.4 <= time.monotonic() - began < 5
        client.settimeout(SHORT)
        assert send_what_fits(client, b"x" * (64 << 20)) < 64 << 20


def test_a_stalled_link_tells_how_much_it_holds_back(links, ends):
    name, open_one = ends
    client, _ = open_one()
    with links.hurt(name, stall=True):
        assert links.stats(name)["held"] == 0
        client.sendall(b"ping")
        eventually(lambda: links.stats(name)["held"] == 4, timeout=5, what="four bytes")
    assert links.stats(name)["held"] == 0


def test_what_is_refused_and_what_is_cut_is_counted(links, link, connect):
    exchange(connect())
    with links.hurt(link, refuse=True), pytest.raises(OSError, match="reset"):
        exchange(connect())
    stats = links.stats(link)
    assert (stats["cut"], stats["refused"]) == (1, 1)


def test_a_server_that_moves_keeps_its_address(links, link, connect):
    links.aim(link, "127.0.0.1:1")
    with pytest.raises(OSError, match="reset"):
        exchange(connect())
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/echo.sock"
        with socketserver.ThreadingUnixStreamServer(path, Echo) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            links.aim(link, f"unix:{path}")
            connection = connect()
            assert exchange(connection) == b"ping"
            connection.close()
            server.shutdown()


@pytest.fixture
def two_clients(links, echo, request):
    """The links of two clients to one server, with a connection of each."""
    server = request.node.name
    names = [f"first/{server}", f"second/{server}"]
    for name in names:
        links.add(name, echo)
    connections = [dial(links, name) for name in names]
    yield server, *connections
    for connection in connections:
        connection.close()


def test_what_is_done_to_a_server_is_done_to_the_links_of_all_its_clients(links, two_clients):
    server, first, second = two_clients
    with links.hurt(server, stall=True):
        for connection in (first, second):
            connection.sendall(b"ping")
            assert silent(connection)
    assert [first.recv(4), second.recv(4)] == [b"ping", b"ping"]
    assert seen(links, server) == {"open": 2, "accepted": 2, "up": 8, "down": 8}


def test_our_own_way_to_a_server_is_left_alone(links, two_clients, echo):
    server, first, _ = two_clients
    links.add(server, echo)
    with dial(links, server) as ours:
        with links.hurt(server, refuse=True):
            with pytest.raises(ConnectionResetError):
                exchange(first)
            assert exchange(ours) == b"ping"
        links.aim(server, "127.0.0.1:1")
        with pytest.raises(OSError, match="reset"), dial(links, server) as moved:
            exchange(moved)


def test_a_reply_is_dropped_once_whoever_it_was_for(links, two_clients):
    server, first, second = two_clients
    with links.hurt(server, drop="^sec"):
        first.sendall(b"second")
        dropped(links, server)
        assert silent(first)
        assert exchange(second, b"second") == b"second"
    dropped(links, server)


def test_a_member_that_is_disconnected_takes_nobody_with_it(links, two_clients):
    _, first, second = two_clients
    with links.disconnected("first"):
        first.sendall(b"ping")
        assert silent(first)
        assert exchange(second) == b"ping"
    assert first.recv(4) == b"ping"


def test_a_connection_to_a_server_that_is_not_there_yet_waits_for_it(links, echo):
    links.add("late")
    links.add("early/late")
    with dial(links, "late") as first, dial(links, "early/late") as second:
        for connection in (first, second):
            connection.sendall(b"ping")
            assert silent(connection)
        links.aim("late", echo)
        assert [first.recv(4), second.recv(4)] == [b"ping", b"ping"]
        links.add("later/late")
        with dial(links, "later/late") as third:
            assert exchange(third) == b"ping"


def test_an_unknown_link_is_named(links):
    with pytest.raises(ProxyError, match="nobody"):
        links.stats("nobody")
