"""How the API says no: one shape for every error, on every route."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from comments.errors import Refused, invalid
from comments.outage import AWAY, is_away, is_unwritable

from .body import TOO_LARGE
from .response import json, with_headers, with_retry_after

RETRY_AFTER_SECONDS = 5
CODES = {
    400: ("bad_request", "The request could not be understood."),
    403: ("forbidden", "This is not allowed."),
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "This method is not allowed here."),
    500: ("internal_error", "Something went wrong here. It was not you."),
}

UNAVAILABLE = Refused(
    503, "unavailable", "The database does not answer at the moment. Try again.", RETRY_AFTER_SECONDS
)
UNWRITABLE = Refused(
    503, "unwritable", "Nothing can be stored here at the moment. Try again later.", 12 * RETRY_AFTER_SECONDS
)


def refusal(refused: Refused) -> HttpResponse:
    response = json({"error": refused.sentence, "code": refused.code} | refused.more, refused.status)
    return with_headers(with_retry_after(response, refused), refused.headers)


def by_status(status: int) -> HttpResponse:
    """The error for a status that somebody else decided on."""
    code, sentence = CODES.get(status, CODES[400 if status < 500 else 500])
    return refusal(Refused(status, code, sentence))


def unavailable(error: Exception) -> HttpResponse:
    """The database does not answer, or stores nothing. Never an empty success: it would be taken for "no news"."""
    is_away(error)
    response = refusal(UNWRITABLE if is_unwritable(error) else UNAVAILABLE)
    response._has_been_logged = True  # type: ignore[attr-defined]  # or Django says it for each request
    return response


def unavailable_page(request: HttpRequest, error: Exception) -> HttpResponse:
    """The same for people; also when it took too long, see reading/bounds.py."""
    if isinstance(error, AWAY):
        is_away(error)
    response = render(request, "503.html", status=503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # or Django says it for each request
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def invalid_request(request: HttpRequest, error: Any) -> HttpResponse:
    """The first field that is wrong, by its name on the wire."""
    first = error.errors[0]
    field = str(first["loc"][-1]) if len(first["loc"]) > 2 or first["loc"][0] != "body" else "body"
    reason = first["msg"].removeprefix("Value error, ")
    return refusal(invalid(field, f"{field}: {reason}."))


def http_error(request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error.__cause__, Refused):  # ninja wraps whatever its body parser raises
        return refusal(error.__cause__)
    return by_status(error.status_code)


Answer = Callable[[HttpRequest, Any], HttpResponse]
ANSWERS: dict[type[Exception], Answer] = {
    Refused: lambda request, error: refusal(error),
    ValidationError: invalid_request,
    HttpError: http_error,
    RequestDataTooBig: lambda request, error: refusal(TOO_LARGE),
    UnreadablePostError: lambda request, error: by_status(400),
    Http404: lambda request, error: by_status(404),
} | dict.fromkeys(AWAY, lambda request, error: unavailable(error))


def answer_errors_of(api: NinjaAPI) -> None:
    for kind, answer in ANSWERS.items():
        api.add_exception_handler(kind, answer)
