"""Where a message may go, and sending it there.

Whoever enters an address could point it at what only this machine reaches. So a name is looked up for each
connection, all that it stands for is judged, and the connection goes to exactly the address that was judged: the
next look-up may say something else, and nobody asks. Redirects are not followed.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

from django.conf import settings

from comments.callers.addresses import NAT64, Address, is_in

TOTAL_SECONDS = 10.0  # for the look-up, the connection and the answer together
MOST_BYTES = 16 * 1024  # of the answer's head; its body is not read
PORTS = {"https": 443, "http": 80}
SAFE = "/%:@!$&'()*+,;=~-._"


class Failed(Exception):
    """It was not sent, or not answered. `what` is a word for the log."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def is_public(address: Address) -> bool:
    """Whether it is somebody's in the internet, whatever it is written as."""
    if isinstance(address, IPv6Address):
        if address in NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.ipv4_mapped or address.sixtofour or address.teredo:  # these lead to an IPv4 address, too
            return False
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not is_special


async def send(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status of the answer. Raises Failed."""
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            return await _send(url, headers, body)
    except TimeoutError as error:
        raise Failed("timeout") from error
    except ssl.SSLError as error:
        raise Failed("certificate") from error
    except (OSError, asyncio.IncompleteReadError) as error:
        raise Failed("connection") from error
    except (ValueError, asyncio.LimitOverrunError) as error:
        raise Failed("no_http") from error


async def _send(url: str, headers: Mapping[str, str], body: bytes) -> int:
    target = urlsplit(url)
    port, host = target.port or PORTS[target.scheme], target.hostname or ""
    address = judged(await resolved(host, port), is_encrypted=target.scheme == "https")
    context = ssl.create_default_context() if target.scheme == "https" else None
    reader, writer = await asyncio.open_connection(
        address, port, limit=MOST_BYTES, ssl=context, server_hostname=host if context else None
    )
    try:
        writer.write(_head(target.netloc, _path(target.path, target.query), headers, len(body)) + body)
        await writer.drain()
        return await _status(reader)
    finally:
        writer.transport.abort()  # whatever else there is to say


async def resolved(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Failed("no_such_name") from error
    return [str(place[0]) for *_, place in found]


def judged(addresses: list[str], is_encrypted: bool) -> str:
    """The one to connect to. A name that also stands for something internal is not ours to sort out."""
    found = [ipaddress.ip_address(address) for address in addresses]
    if all(is_in(address, settings.WEBHOOK_NETWORKS) for address in found):
        return addresses[0]
    if not all(map(is_public, found)):
        raise Failed("internal_address")
    if not is_encrypted:
        raise Failed("not_encrypted")
    return addresses[0]


def _path(path: str, query: str) -> str:
    return quote(path or "/", safe=SAFE) + (f"?{quote(query, safe=SAFE + '?')}" if query else "")


def _head(host: str, path: str, headers: Mapping[str, str], length: int) -> bytes:
    named = {
        "Host": host,
        "User-Agent": "SayWhatWant-Webhook/1",
        "Content-Type": "application/json",
        "Content-Length": str(length),
        "Connection": "close",
        **headers,
    }
    return "".join([f"POST {path} HTTP/1.1\r\n", *(f"{name}: {named[name]}\r\n" for name in named), "\r\n"]).encode()


async def _status(reader: asyncio.StreamReader) -> int:
    """Of the first answer that is final."""
    while True:
        protocol, status, *_ = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split(maxsplit=2)
        if not protocol.startswith("HTTP/1.") or not status.isdecimal():
            raise Failed("no_http")
        if int(status) >= 200:
            return int(status)
