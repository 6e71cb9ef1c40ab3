"""What servers do wrong with questions, bodies and headers."""

import re
from collections.abc import Callable

from .spoiling import Exchange, Spoil

Wrong = dict[str, tuple[str, dict[str, Spoil]]]  # what it does: which check notices, and how it is spoiled


def understand(pattern: str, instead: str) -> dict[str, Spoil]:
    """Take one address for another."""

    def spoil(asked: Exchange) -> None:
        asked["path"] = re.sub(pattern, instead, asked["path"])

    return {"before": spoil}


def hear(name: str, value: str | None) -> dict[str, Spoil]:
    """Take a header of each request for another, or overhear it."""

    def spoil(asked: Exchange) -> None:
        asked["headers"].pop(name, None)
        if value is not None:
            asked["headers"][name] = value

    return {"before": spoil}


def when(holds: Callable[[Exchange], bool], then: Spoil) -> dict[str, Spoil]:
    """Spoil those answers."""
    return {"after": lambda exchange: then(exchange) if holds(exchange) else None}


def has_status(status: int, beginning: str = "/") -> Callable[[Exchange], bool]:
    return lambda exchange: exchange["status"] == status and exchange["path"].startswith(beginning)


def has_code(code: str) -> Callable[[Exchange], bool]:
    return lambda exchange: isinstance(exchange["body"], dict) and exchange["body"].get("code") == code


def always(exchange: Exchange) -> bool:
    return True


def say(name: str, value: str | None) -> Spoil:
    """Another header, or not that one."""

    def spoil(exchange: Exchange) -> None:
        exchange["headers"].pop(name, None)
        if value is not None:
            exchange["headers"][name] = value

    return spoil


def become(code: int, /, **fields: object) -> Spoil:
    """Another status, and other fields of the body if it has any."""

    def spoil(exchange: Exchange) -> None:
        exchange["status"] = code
        if isinstance(exchange["body"], dict):
            exchange["body"] |= fields

    return spoil


def have_nothing_new(exchange: Exchange) -> None:
    exchange["status"], exchange["body"] = 200, []
    if exchange["path"].startswith("/api/changes"):
        exchange["body"] = {"after": 0, "cursor": 0, "changes": [], "hasMore": False, "pollAfterMs": 1000}


def stand_still(exchange: Exchange) -> None:
    if not exchange["body"]["changes"]:
        exchange["body"]["cursor"] = exchange["body"]["after"]


def add_one_to_the_limit(exchange: Exchange) -> None:
    exchange["body"]["components"]["schemas"]["CommentIn"]["properties"]["text"]["maxLength"] += 1


def tag_both_alike(exchange: Exchange) -> None:
    if "etag" in exchange["headers"]:
        exchange["headers"]["etag"] = exchange["headers"]["etag"].replace("-gzip", "")


def take_any_tag(asked: Exchange) -> None:
    if "if-none-match" in asked["headers"]:
        asked["headers"]["if-none-match"] = "*"


def refuse_null(exchange: Exchange) -> None:
    if isinstance(exchange["sent"], dict) and None in exchange["sent"].values():
        exchange["status"], exchange["body"] = 422, {"error": "null", "code": "invalid_color"}


def refuse_dots(exchange: Exchange) -> None:
    if isinstance(exchange["sent"], dict) and str(exchange["sent"].get("id", "")).startswith("..."):
        exchange["status"], exchange["body"] = 422, {"error": "dots", "code": "invalid_id"}


def look_at_cookies(asked: Exchange) -> None:
    if "cookie" in asked["headers"]:
        asked["path"] = "/api/who-are-you"


def send_a_body_to_HEAD(exchange: Exchange) -> None:
    if exchange["method"] == "HEAD":
        exchange["raw"] = b"{}"


QUESTIONS: Wrong = {
    "takes nonsense for everything": ("R11 a bad number is refused by its", understand("=(abc|-2)$", "=1")),
    "answers nonsense with nothing": (
        "R11 a bad number is refused by the change",
        when(has_status(422, "/api/changes"), have_nothing_new),
    ),
    "says invalid to everything": (
        "R11 other nonsense",
        when(has_code("unknown_parameter"), become(422, code="invalid")),
    ),
    "waits for a cursor of the future": ("R11 a cursor that is far", when(has_code("cursor_ahead"), have_nothing_new)),
    "waits for a timestamp in microseconds": ("R11 a poll", when(has_code("cursor_ahead"), have_nothing_new)),
    "knows every name": ("wire names that only", understand("(tt|__|vv)=1", "t=1")),
    "refuses what outwits caches": ("wire names that only", understand("&t=", "&since=")),
    "refuses an id of other letters": ("R18 what cannot", when(has_status(404, "/api/comments/%"), become(422))),
    "knows one order": ("wire order is", understand("&order=desc", "")),
    "knows one order of old bots": ("wire the first versions bot", understand("&order=desc", "")),
    "does not know before": ("wire before walks", understand("&before=[0-9]+", "")),
    "does not know offset": ("wire offset", understand("&offset=5", "")),
    "takes limit=0 for none": ("wire the first request", understand("limit=0", "limit=1")),
    "has 20 unless asked": ("wire the list has 50", understand("/api/comments$", "/api/comments?limit=20")),
    "does not know uss": ("wire filters", understand("uss=[^&]*", "")),
    "does not know search": ("wire filters", understand("search=THR", "")),
    "reads no backslash": ("wire every name", understand("%5C", "")),
    "reads a backslash as nothing": ("wire a backslash", understand("%5C", "")),
    "forgets old pages": (
        "wire a list of users",
        when(has_status(200, "/api/comments?uss"), lambda exchange: exchange["body"].pop("serverSideSearch", None)),
    ),
    "tells NEWS from news": ("wire a filter", understand("domain=.*[.]NEWS", "domain=nowhere")),
    "stands still where nothing passes": ("wire a filtered", when(has_status(200, "/api/changes"), stand_still)),
}
BODIES: Wrong = {
    "refuses all alike": ("R59 a bad body", when(has_status(413), become(422))),
    "takes what any page may send": ("wire a post that", hear("content-type", "application/json")),
    "overhears that a body is compressed": ("wire a body may", hear("content-encoding", None)),
    "takes null for a value": ("wire null", {"after": refuse_null}),
    "takes dots for a way up": ("R18 an id of many", {"after": refuse_dots}),
    "describes another limit": ("R46", when(has_status(200, "/api/openapi"), add_one_to_the_limit)),
    "lets other sites send cookies": (
        "wire pages of",
        when(has_status(204), say("access-control-allow-credentials", "true")),
    ),
}
HEADERS: Wrong = {
    "does not say what is allowed": ("wire every error", when(has_status(405), say("allow", None))),
    "may be taken for a page": ("wire every error", when(always, say("x-content-type-options", None))),
    "lets errors be kept": ("wire every error", when(has_status(404), say("cache-control", "max-age=60"))),
    "calls an error a page": ("wire every error", when(has_status(404), say("content-type", "text/html"))),
    "tells of its inside": ("wire every error", when(has_status(404), become(404, error="Traceback (most recent"))),
    "protects programs like pages": (
        "wire health",
        when(always, say("content-security-policy", "default-src 'none'")),
    ),
    "depends on cookies": ("wire health", when(always, say("vary", "Cookie"))),
    "keeps other sites out": ("wire health", when(always, say("access-control-allow-origin", None))),
    "sets a cookie": ("wire health", when(always, say("set-cookie", "visitor=7"))),
    "is not well": ("wire health", when(has_status(200), become(200, status="tired"))),
    "lets a long poll be kept": (
        "wire what a proxy",
        when(lambda exchange: "wait=" in exchange["path"], say("cache-control", "public, max-age=0, s-maxage=1")),
    ),
    "has one tag for all": ("wire an answer for", when(always, say("etag", '"1"'))),
    "looks at cookies": ("wire a cookie", {"before": look_at_cookies}),
    "tags what is compressed alike": ("wire a tag tells", {"after": tag_both_alike}),
    "takes any tag for its own": ("wire a tag is", {"before": take_any_tag}),
    "compresses for all": ("wire what is compressed", hear("accept-encoding", "gzip")),
    "sends a body to HEAD": ("wire HEAD", {"after": send_a_body_to_HEAD}),
    "does not know HEAD": ("wire HEAD", when(lambda exchange: exchange["method"] == "HEAD", become(405))),
}
WRONG = QUESTIONS | BODIES | HEADERS
