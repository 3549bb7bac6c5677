"""Who is at the other end: only what our own proxies say is believed."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from bot.domain.proxies import client_address

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("::ffff:10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        ("fd00::1", ["[2001:db8::1]"], "2001:db8::1"),
        ("10.0.0.1", ["no address\x00"], "no address"),
        ("10.0.0.1", [""], "10.0.0.1"),
        (None, ["198.51.100.1"], ""),
    ],
)
def test_the_last_address_that_no_proxy_of_ours_has_is_the_clients(
    peer: str | None, forwarded: list[str], found: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == found


def test_an_address_that_is_none_is_cut_short() -> None:
    assert len(client_address("10.0.0.1", ["x" * 9999], PROXIES)) == 45
