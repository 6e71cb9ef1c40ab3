"""An answer as an ASGI server wants it."""

from typing import NamedTuple


class Sendable(NamedTuple):
    """The two messages of a reply. They may be sent to many."""

    start: dict
    body: dict

    @classmethod
    def of(cls, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> "Sendable":
        start = {"type": "http.response.start", "status": status, "headers": headers}
        return cls(start, {"type": "http.response.body", "body": body})
