"""The words beside a status, by the standard (RFC 9110): daphne's library calls some of ours `Unknown Status`."""

import sys
from http import HTTPStatus

RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}  # since Python named them


def teach() -> None:
    """Where another server runs this, daphne's library is not loaded; the other's knows them."""
    if http := sys.modules.get("twisted.web.http"):
        for status in HTTPStatus:
            http.RESPONSES.setdefault(status.value, status.phrase.encode())
        http.RESPONSES.update({status: words.encode() for status, words in RENAMED.items()})
