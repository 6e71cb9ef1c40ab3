"""What may be asked in a query, and what is refused: R11."""

from urllib.parse import quote

from .answers import must
from .checks import check
from .site import Site

NUMBERS = ("after", "limit", "before", "offset")
NONSENSE = [
    *("", "-1", "-2", "abc", quote("٣"), "+5", "%205", "5.0", "1e3"),
    *(str(2**53), str(2**63), str(2**64), str(2**70), "9" * 400, "9" * 5000),
]
REFUSED = {
    "/api/comments?limit=1001": "invalid_limit",
    "/api/changes?after=0&limit=0": "invalid_limit",
    "/api/changes?after=0&limit=201": "invalid_limit",
    "/api/changes": "invalid_after",
    "/api/comments?offset=10001": "invalid_offset",
    "/api/comments?after=1&after=2": "repeated_parameter",
    "/api/changes?after=1&after=1": "repeated_parameter",
    "/api/comments?since=1759244943773": "unknown_parameter",
    "/api/changes?after=0&since=1": "unknown_parameter",
    "/api/changes?after=0&search=x": "unknown_parameter",
    "/api/comments?type=robot": "invalid_type",
    "/api/comments?order=up": "invalid_order",
    "/api/comments?sort=name": "invalid_sort",
    "/api/comments?fresh=1": "invalid_fresh",
    "/api/comments?search=%00": "invalid_search",
    "/api/comments?domain=a%00b": "invalid_domain",
    "/api/changes?after=0&domain=%00": "invalid_domain",
    "/api/comments?uss=%00": "invalid_uss",
    "/api/comments?search=%ed%a0%80": "malformed_query",
    "/api/comments?search=%ff": "malformed_query",
    f"/api/comments?search={'x' * 101}": "invalid_search",
    "/api/comments?uss=a:300000000": "invalid_uss",
    "/api/comments?uss=+": "invalid_uss",
    f"/api/comments?uss={'+'.join('abcdefghijklmnopqrstu')}": "invalid_uss",
}
OUTWITTING_CACHES = ("t", "_", "v")
HOUR_MS = 3_600_000


def refused(site: Site, path: str, code: str) -> None:
    error = site.get(path, token=None).of(422, code, path)
    must(set(error) == {"error", "code"}, f"{path[:60]}: an error of another shape")
    if code.startswith("invalid_"):
        must(code.removeprefix("invalid_") in error["error"], f"{path[:60]}: the error does not name what is wrong")


@check("R11")
def a_bad_number_is_refused_by_its_name_and_never_answered_with_everything_or_nothing(site: Site) -> None:
    for name in NUMBERS:
        for value in NONSENSE:
            refused(site, f"/api/comments?{name}={value}", f"invalid_{name}")


@check("R11")
def a_bad_number_is_refused_by_the_change_feed_too(site: Site) -> None:
    for value in NONSENSE:
        refused(site, f"/api/changes?after={value}", "invalid_after")
        refused(site, f"/api/changes?after=0&limit={value}", "invalid_limit")


@check("R11")
def other_nonsense_in_a_query_is_refused_with_its_code(site: Site) -> None:
    for path, code in REFUSED.items():
        site.get(path, token=None).of(422, code, path)


@check("R11")
def a_cursor_that_is_far_ahead_is_refused_and_one_that_is_a_little_ahead_is_not(site: Site) -> None:
    """Clocks of servers differ; and after a restore from a backup readers are ahead of the stream for a while."""
    site.post("now")
    now = site.drained(0)[-1]["version"]
    for ahead in (60_000, 1_000_000, 50_000_000):
        page = site.changes(now + ahead)
        is_kept = now + ahead <= page["cursor"] <= max(now + ahead, site.head())
        must(is_kept and page["changes"] == [], "a cursor that is a little ahead is not kept")
    for cursor in (now + HOUR_MS * 1000, 2**53 - 1):
        refused(site, f"/api/changes?after={cursor}", "cursor_ahead")


@check("R11")
def a_poll_with_a_timestamp_in_microseconds_is_told_so_and_one_with_a_wrong_clock_is_not(site: Site) -> None:
    timestamp = site.post("now")["timestamp"]
    for fresh in ("", "&fresh=true"):
        refused(site, f"/api/comments?after={timestamp * 1000}{fresh}", "cursor_ahead")
        poll = site.get(f"/api/comments?after={timestamp + HOUR_MS}{fresh}", token=None).of(200)
        must(poll == [], "a poll from a clock that is ahead gets comments")


@check("wire")
def names_that_only_outwit_caches_are_passed_over_and_others_are_not(site: Site) -> None:
    for name in OUTWITTING_CACHES:
        for path in (f"/api/comments?limit=100&{name}=1759244943773", f"/api/changes?after=0&{name}=1&{name}=2"):
            site.get(path, token=None).of(200, to=path)
        refused(site, f"/api/comments?{name}{name}=1", "unknown_parameter")


@check("R18")
def what_cannot_be_an_id_is_not_found(site: Site) -> None:
    for id in ("nobody", "%00", "%ff", "%ed%a0%80", quote("é"), "a%20b", "x" * 5000):
        path = f"/api/comments/{id}"
        site.get(path, token=None).of(404, to=path)
        site.ask("PATCH", path, {"botParams": {}}).of(404, to=f"a note at {path}")
