"""What holds for every public route: no cookies, the right headers, and on the API one shape for errors."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .refusals import by_status

ADMIN = "/admin/"
API = "/api/"
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
}
PREFLIGHT = CORS | {
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
    response.headers.setdefault("Cache-Control", "no-store")
    for name, value in CORS.items():
        response.headers[name] = value
    if is_head:
        response.content = b""  # its length stays in the headers
    return response


def _as_json(response: HttpResponse) -> HttpResponse:
    error = by_status(response.status_code)
    if "Allow" in response.headers:
        error["Allow"] = response["Allow"]
    return error
