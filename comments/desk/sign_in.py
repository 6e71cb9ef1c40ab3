"""Who guesses passwords, as django-axes counts them: a network by its key, never its address. And for how long who has
signed in stays so."""

import time
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address

from axes.models import AccessAttempt
from django.http import HttpRequest, HttpResponse
from django_otp.plugins.otp_totp.models import TOTPDevice

from comments.api.caller import address_of
from comments.callers.addresses import author_key
from comments.stream.clock import StreamClock, moment, on_set_back


def network_of(request: HttpRequest) -> str:
    """In the place where an address is expected: the 128 bits of the author key, written as one."""
    return str(IPv6Address(int(author_key(address_of(request)), 16)))


SEEN = "seen"
NOTED_SECONDS = 300  # no page is worth a write


def seen(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever opens this page is there: from now on the session has all its time again (SESSION_COOKIE_AGE)."""

    @wraps(view)
    def noted(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not 0 <= time.time() - request.session.get(SEEN, 0) <= NOTED_SECONDS:
            request.session[SEEN] = int(time.time())
        return view(request, *args, **kwargs)

    return noted


def _lock_nobody_out(clock: StreamClock) -> None:
    """Attempts of a clock that was ahead would count as of the last minutes until their time has come."""
    now = moment(clock.wall)
    AccessAttempt.objects.filter(attempt_time__gt=now).update(attempt_time=now)
    TOTPDevice.objects.filter(throttling_failure_timestamp__gt=now).update(throttling_failure_timestamp=now)


on_set_back.append(_lock_nobody_out)
