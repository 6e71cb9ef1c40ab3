"""Delivery and cursors: R01 to R18."""

import time
from concurrent.futures import ThreadPoolExecutor

from .checks import check
from .site import Comment, Site, must, soon, texts

MANY = 25
AT_ONCE = 8
FIELDS = {
    *("id", "text", "timestamp", "username", "color", "domain"),
    *("language", "message-type", "misc", "replyTo", "staff"),
}
YEARS_MS = 10 * 365 * 86_400_000


def said(site: Site, count: int = MANY) -> list[Comment]:
    return [site.post(f"number {n}") for n in range(count)]


def said_at_once(site: Site, count: int = MANY) -> list[Comment]:
    with ThreadPoolExecutor(AT_ONCE) as posters:
        return list(posters.map(lambda n: site.post(f"number {n}"), range(count)))


@check("R01")
def comments_of_one_moment_come_exactly_once(site: Site) -> None:
    before = site.head()
    posted = said_at_once(site)
    ids = [comment["id"] for comment in sorted(posted, key=lambda comment: comment["timestamp"])]
    timestamps = {comment["timestamp"] for comment in posted}
    must(len(timestamps) == len(posted), "two comments share a timestamp, so a cursor between them loses one")
    must([change["id"] for change in site.drained(before, 4)] == ids, "the change feed loses, doubles or reorders")
    polled, after = [], min(timestamps) - 1
    while page := site.polled(after, "&limit=4"):
        polled, after = polled + page, page[-1]["timestamp"]
    must([comment["id"] for comment in polled] == ids, "the poll loses, doubles or reorders")


@check("R02")
def a_clients_clock_decides_nothing(site: Site) -> None:
    now, before = time.time_ns() // 1_000_000, site.head()
    wrong = [now + YEARS_MS, now - 600_000, 0]
    posted = [site.post(f"at {at}", timestamp=at) for at in wrong]
    must([change["id"] for change in site.drained(before)] == [comment["id"] for comment in posted], "not in order")
    last = posted[-1]["timestamp"]
    must(site.polled(last) == [], "a comment with a timestamp of its own comes again and again")
    must(all(abs(comment["timestamp"] - now) < YEARS_MS / 2 for comment in posted), "a client's timestamp is kept")


@check("R03")
def the_cursor_of_a_list_goes_on_without_gap_or_overlap(site: Site) -> None:
    said(site, 3)
    answer = site.get(f"/api/comments?domain={site.room}&fresh=true").of(200)
    must(site.changes(answer["cursor"])["changes"] == [], "the change feed repeats what the list had")
    new = site.post("new")
    must([change["id"] for change in site.drained(answer["cursor"])] == [new["id"]], "a gap after the list")
    ahead = time.time_ns() // 1000 + 3_600_000_000
    site.get(f"/api/changes?after={ahead}").of(422)


@check("R04")
def more_news_than_the_limit_are_drained_oldest_first(site: Site) -> None:
    before = site.head()
    posted = said(site)
    page = site.changes(before, "&limit=10")
    must(page["hasMore"] is True and texts(page["changes"]) == texts(posted[:10]), "a page is not the oldest changes")
    must(texts(site.drained(before, 10)) == texts(posted), "draining loses something")
    first = posted[0]["timestamp"]
    must(texts(site.polled(first, "&limit=5")) == texts(posted[1:6]), "the poll's page is not the oldest comments")


@check("R05")
def the_first_load_is_the_newest(site: Site) -> None:
    posted = said(site, 12)
    for fresh in ("", "&fresh=true"):
        must(texts(site.listed(f"&limit=5{fresh}")) == texts(posted[-5:]), "a list is not the newest, oldest first")


@check("R06")
def posts_at_the_same_moment_are_all_there(site: Site) -> None:
    before, total = site.head(), site.get("/api/stats").of(200)["totalMessages"]
    ids = {comment["id"] for comment in said_at_once(site, 40)}
    must(ids == {change["id"] for change in site.drained(before)}, "the change feed misses a post")
    must(ids <= {comment["id"] for comment in site.listed("&limit=1000")}, "the list misses a post")
    must(site.get("/api/stats").of(200)["totalMessages"] >= total + 40, "the count misses a post")


@check("R07")
def a_note_empties_no_read(site: Site) -> None:
    posted = said(site, 10)

    def note(number: int) -> None:
        path = f"/api/comments/{posted[number % 10]['id']}"
        site.ask("PATCH", path, {"botParams": {"seen": number}}).of(200)

    with ThreadPoolExecutor(2) as noting:
        notes = noting.map(note, range(40))
        counts = [len(site.listed("&limit=1000")) for _ in range(30)]
        list(notes)
    must(min(counts) >= 10, f"a reader saw {min(counts)} of 10 comments while bots noted")


@check("R08")
def time_costs_no_comment(site: Site) -> None:
    ids = []
    for _ in range(3):
        ids += [comment["id"] for comment in said(site, 4)]
        time.sleep(1)
        listed = [comment["id"] for comment in site.listed("&limit=1000")]
        must([id for id in ids if id not in listed] == [], "a list that was kept has lost comments")


@check("R09")
def what_was_acknowledged_is_on_every_path_at_once(site: Site) -> None:
    for n in range(5):
        before = site.head()
        comment = site.post(f"mine {n}")
        paths = {
            "list": site.listed(),
            "fresh list": site.listed("&fresh=true"),
            "poll": site.polled(comment["timestamp"] - 1),
            "feed": site.changes(before)["changes"],
            "its own address": [site.get(f"/api/comments/{comment['id']}").of(200)],
        }
        missing = [path for path, found in paths.items() if comment["id"] not in [one["id"] for one in found]]
        must(not missing, f"right after 201 it is not in: {', '.join(missing)}")


@check("R10")
def an_idle_poll_is_small(site: Site) -> None:
    cursor = site.head()
    answer = site.get(f"/api/changes?after={cursor}", token=None)
    if answer.json()["changes"]:
        return  # somebody else is talking
    must(len(answer.body) < 300, f"an idle poll takes {len(answer.body)} bytes")


@check("R11")
def what_is_wrong_in_a_query_is_refused_by_its_name(site: Site) -> None:
    for name in ("after", "limit", "before", "offset"):
        for value in ("", "-2", "abc", "5.0", "1e3", "9" * 400):
            site.get(f"/api/comments?{name}={value}", token=None).of(422, f"invalid_{name}")
    site.get("/api/comments?since=1", token=None).of(422, "unknown_parameter")
    site.get("/api/changes", token=None).of(422, "invalid_after")
    site.get("/api/changes?after=-1", token=None).of(422, "invalid_after")


@check("R12")
def fresh_reads_the_truth_on_both_forms(site: Site) -> None:
    for n in range(5):
        site.listed("&fresh=true")
        comment = site.post(f"fresh {n}")
        must(comment["id"] in [one["id"] for one in site.listed("&fresh=true")], "fresh=true gave an old list")
        poll = site.polled(comment["timestamp"] - 1, "&fresh=true")
        must(comment["id"] in [one["id"] for one in poll], "fresh=true gave an old poll")


@check("R13")
def limits_are_kept(site: Site) -> None:
    said(site, 6)
    for limit in (1, 5):
        must(len(site.listed(f"&limit={limit}")) == limit, "a list has another length than its limit")
        must(len(site.polled(0, f"&limit={limit}")) == limit, "a poll has another length than its limit")
        must(len(site.changes(0, f"&limit={limit}")["changes"]) <= limit, "a page of changes is longer than its limit")


@check("R14")
def the_total_is_told_with_the_list(site: Site) -> None:
    before = site.get("/api/comments?limit=0&fresh=true").of(200)
    must(before["comments"] == [], "limit=0 is more than a count")
    site.post("one more")
    after = site.get("/api/comments?limit=0&fresh=true").of(200)
    must(after["total"] > before["total"], "the total does not count what was posted")


@check("R16")
def there_is_one_shape_for_each_question(site: Site) -> None:
    site.post("of this shape")
    answer = site.get(f"/api/comments?domain={site.room}&limit=1", token=None).of(200)
    must({"comments", "total", "hasMore", "cursor"} <= set(answer), "the list is not its object")
    must(set(answer["comments"][0]) == FIELDS, f"a comment has other fields: {sorted(answer['comments'][0])}")
    poll = site.polled(0, token=None)
    must(isinstance(poll, list) and set(poll[0]) == FIELDS, "the poll is no bare array of comments")
    page = site.changes(0, token=None)
    must({"after", "cursor", "changes", "hasMore", "pollAfterMs"} <= set(page), "the change feed is no envelope")
    must(set(page["changes"][0]) == FIELDS | {"version"}, "a change is not a comment with its version")


@check("R17")
def every_field_comes_back_as_it_was_sent(site: Site) -> None:
    target = site.post("first")
    sent = {
        "text": "Zürich 日本 🥀\nsecond line",
        "language": "de",
        "misc": "a note",
        "replyTo": target["id"],
        "context": [{"user": "Ada", "text": "what the page showed"}],
        "botParams": {"ais": "gpt", "priority": 5},
    }
    id = site.post(**sent)["id"]
    everywhere = [site.get(f"/api/comments/{id}").of(200), site.listed()[-1], site.polled(target["timestamp"])[-1]]
    for found in [*everywhere, site.drained(0)[-1]]:
        lost = [name for name, value in sent.items() if found.get(name) != value]
        must(not lost, f"lost on the way: {', '.join(lost)}")
    public = site.get(f"/api/comments/{id}", token=None).of(200)
    must(not {"context", "botParams"} & set(public), "visitors are told what is for bots (R58)")


@check("R18")
def an_id_is_what_a_comment_is_found_by(site: Site) -> None:
    id = f"{site.room}-own"
    comment = site.post("by my own id", id=id)
    must(comment["id"] == id, "another id than the client's is kept")
    site.ask("PATCH", f"/api/comments/{id}", {"botParams": {"seen": True}}).of(200)
    again = site.ask("POST", "/api/comments", {**_sent(comment), "id": id})
    must(again.of(200)["timestamp"] == comment["timestamp"], "sent again it is another comment (R55)")
    site.ask("POST", "/api/comments", {**_sent(comment), "id": id, "text": "other words"}).of(409, "id_taken")
    site.get(f"/api/comments/{id}-not").of(404)


def _sent(comment: Comment) -> Comment:
    return {name: comment[name] for name in ("text", "username", "domain")}


@check("wire")
def a_long_poll_and_a_websocket_tell_at_once(site: Site) -> None:
    before = site.head()
    with ThreadPoolExecutor(1) as waiting, site.socket(before) as socket:
        polled = waiting.submit(site.changes, before, "&wait=30")
        comment = site.post("told at once")
        must(texts(polled.result()["changes"]) == ["told at once"], "a long poll ends without the news")
        found = socket.until("told at once")
    must([change["id"] for change in found] == [comment["id"]], "a WebSocket tells something else")


@check("wire")
def errors_have_one_shape_on_every_route(site: Site) -> None:
    for method, path in (("GET", "/api/nothing"), ("PUT", "/api/comments"), ("GET", "/api/comments/nobody")):
        must(400 <= site.ask(method, path, token=None).status < 500, f"{method} {path} is no error")
    for body, status in ((b"{", 400), (b"[]", 422), (b"{}", 422), (b'{"text":NaN}', 400)):
        must(site.ask("POST", "/api/comments", body).status == status, f"{body!r} is not answered {status} (R59)")
    plain = site.ask("POST", "/api/comments", b"{}", content_type="text/plain")
    must(plain.status == 415, "a body that is not said to be JSON is taken")
    soon(lambda: site.get("/api/comments/health").status == 200, "the health check fails")
