"""Who guesses passwords, as django-axes counts them: a network by its key, never its address."""

from ipaddress import IPv6Address

from django.http import HttpRequest

from comments.api.caller import address_of
from comments.callers.addresses import author_key


def network_of(request: HttpRequest) -> str:
    """In the place where an address is expected: the 128 bits of the author key, written as one."""
    return str(IPv6Address(int(author_key(address_of(request)), 16)))
