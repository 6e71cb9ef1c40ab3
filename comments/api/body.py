"""Reading a JSON body that anyone may have sent."""

import json
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from comments.errors import Refused

MAX_DEPTH = 8  # below the object itself
MAX_KEYS = 32
TOO_LARGE = Refused(413, "too_large", "The request body is larger than 16 KB.")


def read_json(request: HttpRequest) -> dict:
    """The object in the body. Raises Refused with status 400, 413 or 415.

    The content type has to be said: browsers send a cross-site form or text without asking, and JSON only after a
    preflight.
    """
    if request.content_type != "application/json":
        raise Refused(415, "not_json", "Send JSON, with Content-Type: application/json.")
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
        raise Refused(415, "encoded_body", "Send the body without a Content-Encoding.")
    try:
        return _object(request.body.decode("utf-8-sig"))  # some clients begin with a byte order mark
    except RequestDataTooBig as error:
        raise TOO_LARGE from error
    except (ValueError, RecursionError) as error:
        raise Refused(400, "malformed_json", "The body is not valid JSON.") from error


def _object(text: str) -> dict:
    value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    if not isinstance(value, dict):
        raise Refused(422, "not_an_object", "The body has to be a JSON object.")
    _refuse_deep(value, MAX_DEPTH)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        raise Refused(400, "repeated_key", "A key stands twice in one JSON object.")
    if len(keys) > MAX_KEYS:
        raise Refused(422, "too_many_keys", f"A JSON object has more than {MAX_KEYS} keys.")
    return keys


def _refuse_deep(value: Any, depth: int) -> None:
    if not isinstance(value, dict | list):
        return
    if depth < 0:
        raise Refused(422, "too_deep", f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    for part in value.values() if isinstance(value, dict) else value:
        _refuse_deep(part, depth - 1)
