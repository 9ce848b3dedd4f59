import pytest

from app.core.client_address import UNKNOWN, network_of, written


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("64:ff9b::192.0.2.1", "192.0.2.1"),
        ("64:ff9b::c000:201", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", UNKNOWN),
        ("proxy.example.com", UNKNOWN),
        ('"><script>', UNKNOWN),
        ("1.2.3.4\n", UNKNOWN),
    ],
)
def test_an_address_is_written_in_one_way(host, address):
    assert written(host) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", None),
        (UNKNOWN, None),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::/64", "2001:db8:1::/48"),
        ("2001:db8:2:2::/64", "2001:db8:2::/48"),
    ],
)
def test_an_address_of_ipv6_is_of_a_site(address, network):
    assert network_of(address) == network
