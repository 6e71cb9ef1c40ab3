"""Where a request comes from, and the key that stands for it. The address itself is never stored or logged."""

import hmac
import ipaddress
import re
from hashlib import sha256

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Networks = list[ipaddress.IPv4Network | ipaddress.IPv6Network]

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: behind it, each visitor is an IPv4 address of its own
# As some proxies write it.
WITH_PORT = re.compile(r"(?:\[([^\]]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5})")
UNKNOWN = ipaddress.IPv6Address(0)  # behind a Unix socket without a trusted proxy: all share one key, and its limits


def client_address(peer: str, forwarded_for: str) -> Address:
    """The address of the visitor, which nothing that a visitor can write changes.

    It is the peer's, unless the peer is one of TRUSTED_PROXIES. Then X-Forwarded-For is read from its right end, where
    that proxy wrote whom it heard; to the left of the first untrusted hop stands what the visitor made up.
    """
    address = parse(peer) or UNKNOWN
    for hop in reversed(forwarded_for.split(",")):
        if not is_in(address, settings.TRUSTED_PROXIES):
            break
        heard = parse(hop)
        if heard is None:
            break
        address = heard
    return address


def parse(text: str) -> Address | None:
    """An IP address, without port or zone; an IPv4 address inside an IPv6 one is the IPv4 address."""
    text = text.strip()
    if match := WITH_PORT.fullmatch(text):
        text = match[1] or match[2]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or ipaddress.IPv6Address(int(address))


def is_in(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


def author_key(address: Address, secret: str = "") -> str:
    """Of the network. An IPv6 subscriber owns a whole /64, so that is what is hashed."""
    network = ipaddress.ip_network((address, 64 if address.version == 6 else 32), strict=False)
    return keyed_hash(str(network), secret)


def keyed_hash(author: str, secret: str = "") -> str:
    """128 bits in hexadecimal, under AUTHOR_KEY_SECRET and another secret."""
    return hmac.new((settings.AUTHOR_KEY_SECRET + secret).encode(), author.encode(), sha256).hexdigest()[:32]
