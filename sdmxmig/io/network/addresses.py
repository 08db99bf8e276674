"""Addresses resolved once."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from urllib.parse import urlsplit

from sdmxmig.primitives.errors import SdmxmigError

PORTS = {"https": 443, "http": 80, "sftp": 22}
LONGEST = 2_000
HOST = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
CARRYING = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""IPv6 networks embedding IPv4 (RFC 4291, 2765, 6052)."""
SIXTH = re.compile(r"[0-9a-f:.]*:[0-9a-f:.]*")
SMALLEST = 1 << 16
"""Below stand ``::`` and ``::1``, which are addresses of their own."""
Resolve = Callable[[str, int], list[str]]
"""Gives the network addresses of a host, as texts."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A resolved destination: host, address, path."""

    scheme: str
    host: str
    _: KW_ONLY
    ip: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def resolved(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def destination(address: str, *, is_private: bool = False, resolve: Resolve = resolved) -> Destination:
    """Resolve an address; raises `SdmxmigError` if not allowed.

    Unencrypted only to this machine; private addresses only if `is_private`, against forged requests.
    """
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise SdmxmigError(f"“{address}” is not an address: {error}.") from None
    is_clean = address.isascii() and address.isprintable() and " " not in address and len(address) <= LONGEST
    if not is_clean or parts.scheme not in PORTS or not is_host(host, is_bracketed="[" in parts.netloc):
        raise SdmxmigError(f"“{address}” is not a usable address.", hint="Write https://host/path.")
    if parts.username is not None or parts.password is not None:
        message = "An address must not hold a password."
        raise SdmxmigError(message, hint="Name the secret in its own line, and keep it in the keyring.")
    port = port or PORTS[parts.scheme]
    ip = reachable(host, port, parts.scheme, is_private=is_private, resolve=resolve)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, host, ip=ip, port=port, path=path)


def is_host(text: str, *, is_bracketed: bool = False) -> bool:
    """Check whether a text is a host name, an IPv4 address or, in brackets, an IPv6 address.

    >>> is_host("registry.example.org"), is_host("good.org;evil.org"), is_host("::1", is_bracketed=True)
    (True, False, True)
    """
    return bool((SIXTH if is_bracketed else HOST).fullmatch(text))


def host_of(address: str) -> str:
    """Return the host of an address without resolving it; empty for a folder.

    >>> host_of("https://Registry.example.org:8443/rest"), host_of("outbox")
    ('registry.example.org', '')
    """
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def reachable(host: str, port: int, scheme: str, *, is_private: bool, resolve: Resolve) -> str:
    """Resolve a host; raises `SdmxmigError` if any of its addresses is forbidden."""
    try:
        ips = [ipaddress.ip_address(text.partition("%")[0]) for text in resolve(host, port)]
    except (OSError, ValueError):
        message = f"The host “{host}” was not found."
        raise Unreachable(message, hint="Check the name and the network connection.") from None
    for ip in map(carried, ips):
        if ip.is_loopback and not is_private:
            raise SdmxmigError(f"“{host}” is this machine.", hint="Write private = true to say that it is meant.")
        if scheme == "http" and not ip.is_loopback:
            raise SdmxmigError(f"“{host}” would be reached without encryption.", hint="Write https://.")
        is_inside = not ip.is_global or getattr(ip, "is_site_local", False)
        if ip.is_multicast or ip.is_unspecified or ip.is_link_local or (is_inside and not is_private):
            message = f"“{host}” is an address within a network ({ip}), which is not reached from here."
            raise SdmxmigError(message, hint="Write private = true to say that it is meant.")
    if not ips:
        raise Unreachable(f"The host “{host}” has no address.")
    return str(ips[0])


def carried(ip: Address) -> Address:
    """Return the IPv4 address embedded in an IPv6 address, which reaches the same machine.

    >>> carried(ipaddress.ip_address("64:ff9b::a9fe:a9fe")), carried(ipaddress.ip_address("2002:7f00:1::"))
    (IPv4Address('169.254.169.254'), IPv4Address('127.0.0.1'))
    """
    if isinstance(ip, ipaddress.IPv4Address) or int(ip) < SMALLEST:
        return ip
    if any(ip in network for network in CARRYING):
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.sixtofour or ip


class Unreachable(SdmxmigError):  # noqa: N818 - the name says what is the matter
    """A host that does not respond now."""
