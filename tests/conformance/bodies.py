"""What may be posted, and what is refused: R46, R59."""

import json
from typing import Any

from .answers import Answer, must
from .checks import check
from .site import Site

HELLO = {"text": "Hello", "username": "Ada"}
ELSEWHERE = "https://evil.example"


def hello(**more: Any) -> bytes:
    return json.dumps(HELLO | more).encode()


# Body, status and code.
REFUSED = [
    (b"{", 400, "malformed_json"),
    (b"[" * 5000, 400, "malformed_json"),
    (b'{"text": NaN}', 400, "malformed_json"),
    (b'{"text": "\xff"}', 400, "malformed_json"),
    (b'{"text": "a", "username": "Ada", "context": ' + b"9" * 5000 + b"}", 400, "malformed_json"),
    (b'{"text": "a", "text": "b"}', 400, "repeated_key"),
    (b"[]", 422, "not_an_object"),
    (b'"text"', 422, "not_an_object"),
    (b"", 422, "invalid_body"),
    (b"{}", 422, "invalid_text"),
    (hello(text=5), 422, "invalid_text"),
    (hello(text=True), 422, "invalid_text"),
    (hello(text=None), 422, "invalid_text"),
    (hello(username=None), 422, "invalid_username"),
    (hello(botParams=[]), 422, "invalid_botParams"),
    (json.dumps({str(n): n for n in range(33)}).encode(), 422, "too_many_keys"),
    (b'{"context": ' + b"[" * 20 + b"]" * 20 + b"}", 422, "too_deep"),
    (b'{"text": "a", "username": "Ada", "context": 1e400}', 422, "invalid_context"),
    (hello(context=["\ud800"]), 422, "invalid_context"),
    (hello(context={"\0": 1}), 422, "invalid_context"),
    (hello(text="a\0"), 422, "invalid_text"),
    (hello(text="a\ud800"), 422, "invalid_text"),
    (hello(text="x" * 1001), 422, "text_too_long"),
    (hello(username="x" * 17), 422, "username_too_long"),
    (hello(**{"message-type": "robot"}), 422, "invalid_message-type"),
    (hello(**{"message-type": 5}), 422, "invalid_message-type"),
    (hello(id="."), 422, "invalid_id"),
    (hello(id=".."), 422, "invalid_id"),
    (json.dumps({"text": "x" * 17_000}).encode(), 413, "too_large"),
]
FOREIGN_TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "")
OPTIONAL = ("color", "domain", "language", "message-type", "misc", "replyTo", "id", "context", "botParams")


def sent(site: Site, body: bytes, **headers: str) -> Answer:
    """As a visitor."""
    return site.ask("POST", "/api/comments", body, token=None, **headers)


@check("R59")
def a_bad_body_is_refused_with_its_code_and_without_internals(site: Site) -> None:
    for body, status, code in REFUSED:
        shown = body[:60].decode(errors="replace")
        error = sent(site, body).of(status, code, shown)
        must(set(error) == {"error", "code"}, f"{shown}: an error of another shape")


@check("wire")
def a_post_that_a_browser_would_send_across_sites_without_asking_is_refused(site: Site) -> None:
    for kind in FOREIGN_TYPES:
        sent(site, hello(), content_type=kind, origin=ELSEWHERE).of(415, "not_json", f"a body of the type {kind!r}")


@check("wire")
def a_body_may_begin_with_a_byte_order_mark_and_say_that_it_is_not_encoded(site: Site) -> None:
    body = b"\xef\xbb\xbf" + hello(domain=site.room)
    for encoding in ("identity", "Identity", "IDENTITY"):
        sent(site, body, content_encoding=encoding).of(201, to=f"a body with the encoding {encoding}")
        sent(site, body, content_encoding="gzip").of(415, "encoded_body", "a body that is said to be compressed")


@check("wire")
def null_is_a_field_that_is_absent(site: Site) -> None:
    comment = sent(site, hello(**dict.fromkeys(OPTIONAL))).of(201, to="null in each field that may be absent")
    must(comment["text"] == "Hello" and comment["id"], "null is stored")


@check("R18")
def an_id_of_many_dots_is_one(site: Site) -> None:
    for id in ("...", "...."):
        status = sent(site, hello(id=id, domain=site.room)).status
        must(status in (201, 409), f"the id {id} is answered {status}, and is neither taken nor stored")


@check("R46")
def the_limit_in_the_api_description_is_the_limit(site: Site) -> None:
    schemas = site.get("/api/openapi.json", token=None).of(200)["components"]["schemas"]
    for name in ("text", "username"):
        most = schemas["CommentIn"]["properties"][name]["maxLength"]
        sent(site, hello(**{name: "é" * most, "domain": site.room})).of(201, to=f"a {name} of {most}")
        sent(site, hello(**{name: "é" * (most + 1), "domain": site.room})).of(422, to=f"a {name} of {most + 1}")


@check("wire")
def pages_of_other_sites_may_post_json_after_a_preflight(site: Site) -> None:
    asked = {"origin": "https://other.example", "access_control_request_method": "POST"}
    preflight = site.ask("OPTIONS", "/api/comments", token=None, **asked)
    must(preflight.status == 204, f"a preflight is answered {preflight.status}")
    told = preflight.headers
    must("Content-Type" in told.get("access-control-allow-headers", ""), "other sites may not send JSON")
    must("PATCH" in told.get("access-control-allow-methods", ""), "other sites may not note anything")
    must("access-control-allow-credentials" not in told, "other sites may send cookies")
    sent(site, hello(domain=site.room), origin=asked["origin"]).of(201, to="a post from another site")
