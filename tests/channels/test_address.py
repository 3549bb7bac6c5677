"""Whose request it is: proxies are believed as far as they are known, and nobody else."""

from __future__ import annotations

import ipaddress

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.channels.address import PROXIES, client_address

PROXY, NEXT_PROXY, ANA, BEN = "10.0.0.1", "10.0.0.2", "192.0.2.7", "192.0.2.8"


def seen(remote: str, forwarded: str | None, *proxies: str) -> str:
    """The client as the gateway sees it."""
    app = web.Application()
    app[PROXIES] = [ipaddress.ip_network(each) for each in proxies]
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    return client_address(make_mocked_request("GET", "/", headers=headers, app=app).clone(remote=remote))


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        (ANA, None, ANA),
        (ANA, BEN, ANA),  # anybody can write a header
        (PROXY, None, PROXY),
        (PROXY, "", PROXY),
        (PROXY, ANA, ANA),
        (PROXY, f" {ANA} ", ANA),
        (PROXY, f"{BEN}, {ANA}", ANA),  # what came before the first stranger is what that stranger says
        (PROXY, f"{ANA}, {NEXT_PROXY}", ANA),
        (PROXY, f"{BEN}, {ANA}, {NEXT_PROXY}", ANA),
        (PROXY, NEXT_PROXY, NEXT_PROXY),
        (PROXY, "unknown", "unknown"),
    ],
)
def test_the_client_is_the_last_that_no_proxy_of_ours_is(remote: str, forwarded: str | None, client: str) -> None:
    assert seen(remote, forwarded, "10.0.0.0/8") == client


@pytest.mark.parametrize(
    ("remote", "client"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", ANA),
    ],
)
def test_a_customer_of_ipv6_is_one_client(remote: str, client: str) -> None:
    assert seen(remote, None) == client


def test_a_proxy_may_have_an_ipv6_address() -> None:
    assert seen("fd00::1", ANA, "fd00::/8") == ANA


def test_a_request_without_an_address_has_none() -> None:
    assert seen("", None) == ""
