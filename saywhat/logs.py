"""What is logged: one line an event, as text or as JSON, with the id of the request that it is about.

Never an address, a token, a cookie or a comment's words. So of an exception it has the kind and the places, not what
it says: a database's error quotes the row that it refused.
"""

import json
import logging
import re
import secrets
import time
import traceback
from contextvars import ContextVar

# A proxy may pass in its own; what is none is not repeated.
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # what would end a line, or paint a terminal
request_id: ContextVar[str] = ContextVar("request_id", default="")


def id_of(passed_in: str) -> str:
    return passed_in if REQUEST_ID.fullmatch(passed_in) else secrets.token_hex(8)


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return CONTROL.sub(escaped, json.dumps(event(record), ensure_ascii=False))


class TextLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = event(record)
        about = [f"[{told['request']}]"] if "request" in told else []
        line = " ".join([told["time"], told["level"], f"{told['logger']}:", told["message"], *about])
        return " | ".join([CONTROL.sub(escaped, line), *told.get("trace", [])])


def escaped(control: re.Match) -> str:
    return control[0].encode("unicode_escape").decode("ascii")


def event(record: logging.LogRecord) -> dict:
    """What there is to say. `trace` is where it happened, the outermost place first, and the kind of the exception."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    told = {
        "time": f"{at}.{record.msecs:03.0f}Z",
        "level": record.levelname,
        "logger": record.name,
        "message": record.getMessage(),
    }
    if about := request_id.get():
        told["request"] = about
    if record.exc_info and record.exc_info[0]:
        told["trace"] = trace(record.exc_info)
    return told


def trace(exc_info) -> list[str]:
    places = traceback.extract_tb(exc_info[2])
    return [f"{place.filename}:{place.lineno} {place.name}" for place in places] + [exc_info[0].__name__]
