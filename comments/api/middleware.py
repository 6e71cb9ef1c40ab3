"""What holds for every public route: no cookies, the right headers, and on the API one shape for errors."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from comments.outage import AWAY

from .refusals import by_status, unavailable_page

ADMIN = "/admin/"
API = "/api/"
EXPOSED = ("Retry-After", "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
# What protects a document says nothing to a program, and would be most of a small answer.
OF_DOCUMENTS = (
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Frame-Options",
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PATCH",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


def public_routes(get_response: Callable[[HttpRequest], HttpResponse]):
    def public_route(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(ADMIN):
            return get_response(request)
        _forget_cookies(request)
        response = _api(request, get_response) if request.path.startswith(API) else get_response(request)
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return public_route


def without_headers_of_documents(get_response: Callable[[HttpRequest], HttpResponse]):
    """Stands before everything that gives such headers."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(API) and not response.get("Content-Type", "").startswith("text/html"):
            for name in OF_DOCUMENTS:
                response.headers.pop(name, None)
        return response

    return answer


def database_is_away(get_response: Callable[[HttpRequest], HttpResponse]):
    """For pages that do not say so themselves: those of the admin."""

    def answer(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        return unavailable_page(request, error) if isinstance(error, AWAY) else None

    answer.process_exception = process_exception  # type: ignore[attr-defined]
    return answer


def _forget_cookies(request: HttpRequest) -> None:
    """Nothing public depends on a cookie, so that a cookie can neither identify anyone nor vary a shared answer."""
    request.META.pop("HTTP_COOKIE", None)
    request.COOKIES = {}


def _api(request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=PREFLIGHT)
    is_head = request.method == "HEAD"
    if is_head:
        request.method = "GET"  # for the status and the headers that GET would get
    response = get_response(request)
    if response.status_code >= 400 and response.headers["Content-Type"] != "application/json":
        response = _as_json(response)
    for_programs(response)
    if is_head:
        response.content = b""  # its length stays in the headers
    return response


def for_programs(response: HttpResponse) -> None:
    """What each answer of the API has in its headers, also one that never came as far as Django."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Access-Control-Allow-Origin"] = "*"
    if exposed := [name for name in EXPOSED if name in response.headers]:
        response.headers["Access-Control-Expose-Headers"] = ", ".join(exposed)


def _as_json(response: HttpResponse) -> HttpResponse:
    error = by_status(response.status_code)
    if "Allow" in response.headers:
        error["Allow"] = response["Allow"]
    return error
