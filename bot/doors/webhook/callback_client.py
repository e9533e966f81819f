"""The sending of a callback: to an address that was looked at first, and to no other.

A host's name is resolved once, what it leads to is checked, and the connection goes to that very address: a name that
leads somewhere else a moment later changes nothing. Redirects are not followed; only the status of the answer is read.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

LIMIT_S = 15.0
"""Standard Webhooks advises 15 to 30 s for the whole call."""
MOST_ANSWER_BYTES = 65_536
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses that a gateway translates into the IPv4 one at their end (https://www.rfc-editor.org/rfc/rfc6052)."""
LOCAL = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("64:ff9b:1::/48"))
"""Not for the internet, which Python before 3.12.4 does not know (https://docs.python.org/3/library/ipaddress.html)."""

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(Exception):
    """The address is no public one, and CALLBACK_ALLOW does not name it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a callback goes, as its URL says it."""

    host: str
    port: int
    path: str
    is_tls: bool

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """The parts of a callback's URL. Raises ValueError when it is none, or carries a password."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("expected an address such as https://example.com/answers")
    is_tls = parts.scheme == "https"
    host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not (path.isascii() and path.isprintable() and " " not in path):
        raise ValueError("expected every special character of the path written as %XX")
    return Target(host, parts.port or (443 if is_tls else 80), path, is_tls)


def is_allowed(target: Target, address: str, allow: Sequence[str]) -> bool:
    """Whether a callback may go to this address: a public one, or one that CALLBACK_ALLOW names. Pure."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return is_public(found) or any(_names(entry, target, found) for entry in allow)


def is_public(address: IpAddress) -> bool:
    """Whether this is an address of the public internet, also where IPv6 stands for an IPv4 one. Pure."""
    inner = _inner(address)
    if inner is not None:
        return is_public(inner)
    special = address.is_multicast or address.is_reserved or address.is_unspecified or _is_in(address, LOCAL)
    return address.is_global and not special and not getattr(address, "is_site_local", False)


def _is_in(address: IpAddress, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _inner(address: IpAddress) -> IpAddress | None:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _names(entry: str, target: Target, address: IpAddress) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        host, _, port = entry.rpartition(":") if ":" in entry else (entry, "", "")
        return host.strip("[]").lower() == target.host.lower() and port in ("", str(target.port))


async def address_of(target: Target, allow: Sequence[str]) -> str:
    """The address to connect to. Raises NotAllowed, or OSError when the host's name leads nowhere."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    for address in addresses:
        if is_allowed(target, address, allow):
            return address
    raise NotAllowed


async def send(target: Target, body: bytes, headers: Mapping[str, str], allow: Sequence[str]) -> int:
    """The status of the answer. Raises NotAllowed, and OSError, TimeoutError or h11's errors when there is none."""
    async with asyncio.timeout(LIMIT_S):
        address = await address_of(target, allow)
        tls = ssl.create_default_context() if target.is_tls else None
        name = target.host if target.is_tls else None
        reader, writer = await asyncio.open_connection(address, target.port, ssl=tls, server_hostname=name)
        try:
            return await _exchange(reader, writer, target, body, headers)
        finally:
            writer.close()


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Target, body: bytes, headers: Mapping[str, str]
) -> int:
    wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_ANSWER_BYTES)
    fixed = {"host": target.authority, "content-length": str(len(body)), "connection": "close"}
    request = h11.Request(method="POST", target=target.path, headers=list({**fixed, **headers}.items()))
    writer.write(b"".join(wire.send(event) or b"" for event in (request, h11.Data(data=body), h11.EndOfMessage())))
    await writer.drain()
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await reader.read(MOST_ANSWER_BYTES))
        elif isinstance(event, h11.Response):
            return int(event.status_code)
        elif not isinstance(event, h11.InformationalResponse):
            raise ConnectionError("no answer")
