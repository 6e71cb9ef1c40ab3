"""Which of the reads that everybody makes a request is; known before Django sees it."""

from functools import lru_cache
from typing import TypeVar

from pydantic import ValidationError

from comments.errors import Refused
from comments.wire import views
from comments.wire.params import ChangesParams, ListParams, Params

from .caller import joined, may_be_a_bot

HotParams = ListParams | ChangesParams
AnyParams = TypeVar("AnyParams", bound=Params)
PAGES = ("/", "/feed.atom")  # which take a view
QUESTIONS: dict[str, type[HotParams]] = {"/api/comments": ListParams, "/api/changes": ChangesParams}


def question_of(scope: dict) -> HotParams | None:
    """None if it is another request, and for whatever is refused: Django says why."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"] not in QUESTIONS:
        return None
    return parsed(scope["path"], scope["query_string"])


def is_costly(scope: dict) -> bool:
    """Whether no index answers it for sure, so that it may only have a place of those that are kept for such."""
    if scope["type"] == "http" and scope["path"] in PAGES and scope["query_string"]:
        return is_of_a_part(scope["query_string"])
    params = question_of(scope)
    return params is not None and params.is_costly


@lru_cache(1024)
def is_of_a_part(query_string: bytes) -> bool:
    return not views.parsed(query_string.decode("latin-1")).is_everything


@lru_cache(1024)
def parsed(path: str, query_string: bytes) -> HotParams | None:
    return params_of(query_string, QUESTIONS[path])


def question_of_bots(scope: dict, path: str, kind: type[AnyParams]) -> AnyParams | None:
    """The same for a question that only bots may ask, if it is one that has this path."""
    if scope["type"] != "http" or scope["path"] != path or not may_be_a_bot(scope, joined(scope["headers"])):
        return None
    return params_of(scope["query_string"], kind)


def params_of(query_string: bytes, kind: type[AnyParams]) -> AnyParams | None:
    try:
        return kind.of(query_string.decode("ascii"))
    except (Refused, ValidationError, ValueError):
        return None
