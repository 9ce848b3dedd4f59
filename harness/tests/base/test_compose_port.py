"""A published port in both of its forms."""

import pytest

from harness.base.compose_port import ComposePort


@pytest.mark.parametrize(
    ("written", "host", "target", "local"),
    [
        (5432, "", "5432", False),
        ("5432:5432", "", "5432", False),
        ("127.0.0.1:8000:5432", "127.0.0.1", "5432", True),
        ("127.0.0.1::5432/tcp", "127.0.0.1", "5432", True),
        ("127.9.9.9:1:2", "127.9.9.9", "2", True),
        ("[::1]:1:2", "::1", "2", True),
        ("[::]:1:2", "::", "2", False),
        ("0.0.0.0:1:2", "0.0.0.0", "2", False),
        ("9000-9010:80-90/udp", "", "80-90", False),
        ("${BIND}:1:2", "${BIND}", "2", False),
        ({"target": 80}, "", "80", False),
        ({"target": 80, "host_ip": None}, "", "80", False),
        ({"target": 80, "published": "1", "host_ip": "127.0.0.1"}, "127.0.0.1", "80", True),
        ({"target": 80, "host_ip": "0.0.0.0"}, "0.0.0.0", "80", False),
    ],
)
def test_where_it_is_published_and_what_it_reaches(written, host, target, local):
    port = ComposePort.of(written)
    assert (port.host, port.target, port.on_loopback) == (host, target, local)
