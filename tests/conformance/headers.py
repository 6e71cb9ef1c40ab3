"""What the headers of an answer say: who may keep it, its tag, how it is compressed."""

from .answers import must, soon
from .checks import check
from .site import Site

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROUTES = (
    "/api/comments",
    "/api/changes",
    "/api/comments/health",
    "/api/comments/nobody",
    "/api/comments/nobody/report",
    "/api/stats",
    "/api/moderation",
    "/api/nothing",
)
SHARED, PRIVATE = "public, max-age=0, s-maxage=1", "no-store"
# Who may keep what, and whether it has a tag.
KEPT = {
    "/api/comments": (SHARED, True),
    "/api/comments?after=0": (SHARED, True),
    "/api/changes?after=0": (SHARED, True),
    "/api/comments?search=nothing": (SHARED, True),
    "/api/comments?fresh=true": (PRIVATE, True),
    "/api/comments?after=0&fresh=true": (PRIVATE, True),
    "/api/changes?after=0&wait=1": (PRIVATE, True),
    "/api/stats": (PRIVATE, False),
    "/api/comments/health": (PRIVATE, False),
    "/api/comments/missing": (PRIVATE, False),
    "/api/changes?after=x": (PRIVATE, False),
}
COOKIES = "sessionid=abc; csrftoken=broken; messages=x"
# What is said to be accepted, and what is then sent.
ENCODINGS = {
    "gzip": "gzip",
    "GZIP": "gzip",
    "x-gzip": "gzip",
    "*": "gzip",
    "br;q=1.0, gzip;q=0.001": "gzip",
    "deflate, *;q=0.5": "gzip",
    "*, gzip;q=0": None,
    "gzip;q=0, *": None,
    "gzip;Q=0": None,
    "gzip; q=0.000": None,
    "*;q=0": None,
    "identity": None,
    "gzip;q=x": None,
    "br": None,
    "": None,
}


@check("wire")
def every_error_on_every_route_has_the_one_shape(site: Site) -> None:
    """Type, headers and shape of it are what holds for every answer."""
    for path in ROUTES:
        for method in METHODS:
            answer = site.ask(method, path, token=None)
            if answer.status == 200:
                continue
            must(400 <= answer.status < 500, f"{method} {path} is answered {answer.status}")
            must(set(answer.json()) == {"error", "code"}, f"{method} {path}: an error of another shape")
            if answer.status == 405:
                must(answer.json()["code"] == "method_not_allowed", f"{method} {path}: 405 with another code")
                must(answer.headers.get("allow"), f"{method} {path}: 405 does not say what is allowed")


@check("wire")
def health_says_ok(site: Site) -> None:
    must(site.get("/api/comments/health", token=None).of(200) == {"status": "ok"}, "the health check fails")


@check("wire")
def what_a_proxy_may_keep_is_said_in_each_answer(site: Site) -> None:
    site.post("to be kept")
    for path, (cache_control, has_tag) in KEPT.items():
        headers = site.get(path, token=None).headers
        must(headers["cache-control"] == cache_control, f"{path} may be kept: {headers['cache-control']}")
        must(("etag" in headers) is has_tag, f"{path} has {'no' if has_tag else 'a'} tag")


@check("wire")
def an_answer_for_a_bot_is_for_nobody_else(site: Site) -> None:
    site.post("private", context=["for bots"])
    for path in ("/api/comments", "/api/changes?after=0"):
        for_bot, for_all = site.get(f"{path}").headers, site.get(path, token=None).headers
        must(for_bot["cache-control"] == PRIVATE, f"{path}: what a bot is told may be kept")
        must(for_bot["etag"] != for_all["etag"], f"{path}: bots and visitors are told different things by one tag")


@check("wire")
def a_cookie_changes_nothing(site: Site) -> None:
    """That none is set is what holds for every answer."""
    for path in ("/api/comments", "/api/changes?after=0", "/api/openapi.json", "/api/nothing"):
        plain, with_cookies = site.get(path, token=None), site.get(path, token=None, cookie=COOKIES)
        must(plain.status == with_cookies.status, f"{path} is answered otherwise to who sends cookies")


@check("wire")
def a_tag_tells_what_is_compressed_from_what_is_not(site: Site) -> None:
    """Else a cache would hand gzip to a client that asked for none."""
    path = long_list(site)
    plain = site.get(path, token=None, accept_encoding="identity")
    small = site.get(path, token=None, accept_encoding="gzip")
    must(small.headers.get("content-encoding") == "gzip", "a long list is not compressed for who accepts it")
    must(plain.headers["etag"] != small.headers["etag"], "one tag for what is compressed and what is not")
    for answer in (plain, small):
        must(answer.headers.get("vary") == "Accept-Encoding", "an answer does not say on what it depends")
    short = site.get(f"{path}&limit=1", token=None, accept_encoding="gzip")
    must("vary" not in short.headers, "what is never compressed is said to depend on what is accepted")


@check("wire")
def a_tag_is_good_for_its_own_encoding_alone(site: Site) -> None:
    path = long_list(site)

    def again(first: str, then: str) -> int:
        tag = site.get(path, token=None, accept_encoding=first).headers["etag"]
        return site.get(path, token=None, accept_encoding=then, if_none_match=tag).status

    for one, other in (("identity", "gzip"), ("gzip", "identity")):
        soon(lambda one=one: again(one, one) == 304, "who has a list is sent it again")
        must(again(one, other) == 200, f"who has a list as {one} is told that it has it as {other}")


@check("wire")
def what_is_compressed_is_what_the_client_accepts(site: Site) -> None:
    path = long_list(site)
    for accepted, encoding in ENCODINGS.items():
        found = site.get(path, token=None, accept_encoding=accepted).headers.get("content-encoding")
        must(found == encoding, f"who accepts {accepted!r} is sent {found}")


@check("wire")
def HEAD_gets_the_status_and_the_headers_of_GET(site: Site) -> None:
    site.post("long enough")

    def is_alike(path: str) -> bool:
        """But for who talks meanwhile."""
        get, head = site.get(path, token=None), site.ask("HEAD", path, token=None)
        must(head.status == 200, f"HEAD {path} is answered {head.status}")
        must(head.headers.keys() == get.headers.keys(), f"HEAD {path} has other headers than GET")
        return head.headers["content-length"] == get.headers["content-length"]

    for path in ("/api/comments", "/api/changes?after=0", "/api/stats", "/api/comments/health"):
        soon(lambda path=path: is_alike(path), f"HEAD {path} has another length than GET")
    must(site.raw_head("/api/stats").endswith(b"\r\n\r\n"), "HEAD is answered with a body")
    for path, status in (("/api/comments/missing", 404), ("/api/changes?after=x", 422)):
        must(site.ask("HEAD", path, token=None).status == status, f"HEAD {path} is not answered {status}")


def long_list(site: Site) -> str:
    """The address of one that is worth compressing; its newest comment alone is not."""
    site.post("long " * 190)
    for n in range(6):
        site.post(f"{n}" * 900)
    return f"/api/comments?domain={site.room}"
