"""Where a request comes from, also behind proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from aiohttp import web

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PROXIES = web.AppKey("proxies", Sequence[Network])
_HOME_NETWORK_BITS = 64


def client_address(request: web.Request) -> str:
    """The client's address; for IPv6 its network, because one customer has all of it.

    `X-Forwarded-For` counts only as far as proxies of TRUSTED_PROXIES wrote it: everybody else can write what they like.
    """
    address = request.remote or ""
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        if not _is_proxy(request, address) or not hop.strip():
            break
        address = hop.strip()
    return _grouped(address)


def _is_proxy(request: web.Request, address: str) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in request.app[PROXIES])


def _grouped(address: str) -> str:
    parsed = _parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _HOME_NETWORK_BITS), strict=False))
    return str(parsed or address)


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, ipaddress.IPv6Address) else parsed
