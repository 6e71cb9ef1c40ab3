"""What many are told alike: a body with its entity tag, compressed where it pays, and kept by a proxy for a second.

Both doors make their responses here, the fast lane and the API's operations, so that they are the same.
"""

import gzip
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from django.utils.http import parse_etags

from .response import Response

# An idle poll is to be small. A tag is compared with the one answer that the client has, so 40 bits do: of a million
# million changes one is overlooked, until the next.
TAG_BYTES = 5
WEIGHT = re.compile(r"q=([01](?:\.[0-9]{0,3})?)", re.ASCII)
COMPRESSED_FROM_BYTES = 4096
COMPRESSION_LEVEL = 5
# A browser asks each time, and is told "not modified"; a shared cache may answer all readers alike for one second.
SHARED = "public, max-age=0, s-maxage=1"
PRIVATE = "no-store"


@dataclass(frozen=True)
class Representation:
    """A body that is sent to many. What is derived from it is made once."""

    body: bytes
    # Of an envelope of the change feed: where the reader then is, whether more follows, and whether it says anything.
    cursor: int = 0
    has_more: bool = False
    is_news: bool = True

    @cached_property
    def text(self) -> str:
        return self.body.decode()

    @cached_property
    def etag(self) -> str:
        digest = blake2b(self.body, digest_size=TAG_BYTES).digest()
        return f'"{urlsafe_b64encode(digest).decode().rstrip("=")}"'

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.body, COMPRESSION_LEVEL, mtime=0)

    def response(self, cache_control: str, if_none_match: str = "", accept_encoding: str = "") -> Response:
        """Status 200, or 304 if the client has it already."""
        may_vary = len(self.body) >= COMPRESSED_FROM_BYTES
        compressed = may_vary and accepts_gzip(accept_encoding)
        etag = f'{self.etag[:-1]}-gzip"' if compressed else self.etag
        headers = [("ETag", etag), ("Cache-Control", cache_control)]
        if may_vary:
            headers.append(("Vary", "Accept-Encoding"))
        if if_none_match and is_current(etag, if_none_match):
            return Response(304, headers, b"")
        headers.append(("Content-Type", "application/json"))
        if compressed:
            headers.append(("Content-Encoding", "gzip"))
        return Response(200, headers, self.compressed if compressed else self.body)


def is_current(etag: str, if_none_match: str) -> bool:
    tags = parse_etags(if_none_match)
    return "*" in tags or etag in [tag.removeprefix("W/") for tag in tags]


def accepts_gzip(accept_encoding: str) -> bool:
    """What names gzip itself counts, before what is said of all (RFC 9110, 12.5.3)."""
    weights = dict(map(weighed, accept_encoding.lower().split(",")))
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def weighed(coding: str) -> tuple[str, float]:
    """`gzip;q=0.5` as its name and its weight; nonsense weighs nothing."""
    name, _, parameter = coding.replace(" ", "").replace("\t", "").partition(";")
    weight = WEIGHT.fullmatch(parameter or "q=1")
    return name, float(weight[1]) if weight else 0.0
