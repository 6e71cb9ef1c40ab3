"""What is sent: a status, headers and a body, as an ASGI server wants them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpResponse

from comments.errors import Refused
from comments.wire.entry import to_bytes

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Response:
    """Nothing in it changes any more: it may be sent to many."""

    status: int
    headers: Headers
    body: bytes

    @cached_property
    def messages(self) -> tuple[dict, dict]:
        headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in self.headers]
        start = {"type": "http.response.start", "status": self.status, "headers": headers}
        return start, {"type": "http.response.body", "body": self.body}


def with_headers(response: HttpResponse, headers: Mapping[str, str]) -> HttpResponse:
    for name, value in headers.items():
        response[name] = value
    return response


def with_retry_after(response: HttpResponse, refused: Refused) -> HttpResponse:
    if refused.retry_after is not None:
        response["Retry-After"] = str(refused.retry_after)
    return response


def json(content: object, status: int = 200) -> HttpResponse:
    """`content` is made of schemas, or is their JSON already."""
    body = content if isinstance(content, bytes) else to_bytes(content)
    return HttpResponse(body, status=status, content_type="application/json")
