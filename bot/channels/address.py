"""Where a request comes from, also behind proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from aiohttp import web

from bot.domain import proxies
from bot.domain.proxies import Network

PROXIES: web.AppKey[Sequence[Network]] = web.AppKey("proxies")
_HOME_NETWORK_BITS = 64


def client_address(request: web.Request) -> str:
    """The client's address; for IPv6 its network, because one customer has all of it."""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    address = proxies.client_address(request.remote, forwarded, request.app[PROXIES])
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _HOME_NETWORK_BITS), strict=False))
    return str(parsed)
