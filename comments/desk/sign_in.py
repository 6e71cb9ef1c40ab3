"""Who guesses passwords, as django-axes counts them: a network by its key, never its address. And for how long who has
signed in stays so."""

import time
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address

from django.http import HttpRequest, HttpResponse

from comments.api.caller import address_of
from comments.callers.addresses import author_key


def network_of(request: HttpRequest) -> str:
    """In the place where an address is expected: the 128 bits of the author key, written as one."""
    return str(IPv6Address(int(author_key(address_of(request)), 16)))


SEEN = "seen"
NOTED_SECONDS = 300  # no page is worth a write


def seen(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever opens this page is there: from now on the session has all its time again (SESSION_COOKIE_AGE)."""

    @wraps(view)
    def noted(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if time.time() - request.session.get(SEEN, 0) > NOTED_SECONDS:
            request.session[SEEN] = int(time.time())
        return view(request, *args, **kwargs)

    return noted
