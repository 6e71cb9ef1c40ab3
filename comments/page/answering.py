"""What every page for visitors has: their language, its headers, and one way to say that it cannot be shown now."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page

from comments.api.refusals import unavailable_page
from comments.errors import Refused
from comments.outage import AWAY

from .language import spoken_to

Answer = Callable[..., HttpResponse]


def for_visitors(answer: Answer) -> Answer:
    """A view whose answer is a page."""

    @gzip_page  # nothing secret is in it whose length could tell
    @wraps(answer)
    def view(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        with spoken_to(request):
            return _finished(answered(answer, request, *arguments, **named))

    return view


def answered(answer: Answer, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
    """503 while the database is away, and the status of a refusal, such as of a read that took too long."""
    try:
        return answer(request, *arguments, **named)
    except (*AWAY, Refused) as error:
        return unavailable_page(request, error)


def _finished(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Accept-Language"])
    # Under no-referrer, browsers send even our own form with "Origin: null".
    response["Referrer-Policy"] = "same-origin"
    return response
