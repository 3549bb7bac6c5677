"""Who is at the other end, when a proxy of our own stands between."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The last address that none of our proxies has. `forwarded`: the X-Forwarded-For headers, as they came.

    Whoever is not trusted can write anything there, so nothing before them is read.
    """
    hops = [hop.strip() for header in forwarded for hop in header.split(",") if hop.strip()]
    address = peer or ""
    while hops and _is_in(address, trusted):
        address = hops.pop()
    return _plain(address)


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(_plain(address))
    except ValueError:
        return False
    return any(found in network for network in networks)


def _plain(address: str) -> str:
    """An address in one way of writing; IPv4 in IPv6 is IPv4. What is none is cut short."""
    try:
        found = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return "".join(c for c in address if c.isprintable())[:45]
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
