"""Who calls: the address behind our own proxies, and whether a page of ours sent the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network
IPV6_HOUSEHOLD = 64
"""One subscriber has a whole network of so many bits, and could call from another address each time."""


def networks_of(names: Sequence[str]) -> tuple[Network, ...]:
    """The networks of a setting. Raises ValueError."""
    return tuple(ip_network(name, strict=False) for name in names)


def client_of(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Who is counted as one caller: the peer, or behind trusted proxies the last address that none of them is.

    `forwarded` is X-Forwarded-For with all its lines: some proxies add one of their own. What a caller itself writes
    there stands to the left of that, and is never believed. Pure.
    """
    hops = [peer, *reversed(forwarded.split(","))]
    caller = peer
    for hop in hops:
        address = _address(hop)
        if address is None:
            break
        caller = _household(address)
        if not any(address in network for network in trusted if network.version == address.version):
            break
    return caller


def is_from_here(headers: Mapping[str, str], own_hosts: Sequence[str]) -> bool:
    """Whether a browser sent this from a page of ours; programs, which say nothing of it, pass. Pure.

    `own_hosts`: the hosts (with port) by which this server is reached. Sources:
    https://developer.mozilla.org/docs/Web/HTTP/Headers/Origin and …/Sec-Fetch-Site
    """
    own = {host for host in own_hosts if host}
    origin = headers.get("origin")
    if origin is not None:
        return _host(origin) in own
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    referer = headers.get("referer")
    return referer is None or _host(referer) in own


def _address(text: str) -> IPv4Address | IPv6Address | None:
    bare = text.strip().removeprefix("[").partition("]")[0]
    if bare.count(":") == 1:  # IPv4 with a port
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _household(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, IPV6_HOUSEHOLD), strict=False))


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
