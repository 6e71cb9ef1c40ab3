"""Delivery and cursors: R01 to R09, R12."""

import time
from concurrent.futures import ThreadPoolExecutor

from .answers import must
from .checks import check
from .site import Comment, Site, texts

MANY = 25
AT_ONCE = 8
YEARS_MS = 10 * 365 * 86_400_000


def said_at_once(site: Site, count: int = MANY) -> list[Comment]:
    with ThreadPoolExecutor(AT_ONCE) as posters:
        return list(posters.map(lambda n: site.post(f"number {n}"), range(count)))


@check("R01", is_live=True)
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
    must(site.listed() == [], "a room is not empty in which nobody has spoken")
    for query in ("&limit=500", "&limit=500&fresh=true"):
        cursor = site.get(f"/api/comments?domain={site.room}{query}").of(200)["cursor"]
        must(site.changes(cursor)["changes"] == [], "the change feed repeats what the list had")
        new = site.post("new")
        must([change["id"] for change in site.drained(cursor)] == [new["id"]], "a gap after the list")


@check("R04")
def more_news_than_the_limit_are_drained_oldest_first(site: Site) -> None:
    before = site.head()
    posted = site.several()
    page = site.changes(before, "&limit=10")
    must(page["hasMore"] is True and texts(page["changes"]) == texts(posted[:10]), "a page is not the oldest changes")
    for limit in (1, 7, 10, 200):
        must(texts(site.drained(before, limit)) == texts(posted), f"draining by {limit} loses something")
    last = site.drained(before)[-1]["version"]
    end = site.changes(last)["cursor"]
    must(last <= end <= site.stats()["cursor"], "a drained feed does not end where the stream does")
    first = posted[0]["timestamp"]
    must(texts(site.polled(first, "&limit=5")) == texts(posted[1:6]), "the poll's page is not the oldest comments")


@check("R05")
def the_first_load_is_the_newest(site: Site) -> None:
    posted = site.several(12)
    for fresh in ("", "&fresh=true"):
        must(texts(site.listed(f"&limit=5{fresh}")) == texts(posted[-5:]), "a list is not the newest, oldest first")


@check("R06", is_live=True)
def posts_at_the_same_moment_are_all_there(site: Site) -> None:
    before, total = site.head(), site.stats()["totalMessages"]
    ids = {comment["id"] for comment in said_at_once(site, 40)}
    must(ids == {change["id"] for change in site.drained(before)}, "the change feed misses a post")
    must(ids <= {comment["id"] for comment in site.listed("&limit=1000")}, "the list misses a post")
    must(site.stats()["totalMessages"] >= total + 40, "the count misses a post")


@check("R07", is_live=True)
def a_note_empties_no_read(site: Site) -> None:
    posted = site.several(10)

    def note(number: int) -> None:
        site.note(posted[number % 10], seen=number).of(200)

    with ThreadPoolExecutor(2) as noting:
        notes = noting.map(note, range(40))
        counts = [len(site.listed("&limit=1000")) for _ in range(30)]
        list(notes)
    must(min(counts) >= 10, f"a reader saw {min(counts)} of 10 comments while bots noted")


@check("R08", is_live=True)
def time_costs_no_comment(site: Site) -> None:
    ids = []
    for _ in range(3):
        ids += [comment["id"] for comment in site.several(4)]
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


@check("R12")
def fresh_reads_the_truth_on_both_forms(site: Site) -> None:
    for n in range(5):
        site.listed("&fresh=true")
        comment = site.post(f"fresh {n}")
        must(comment["id"] in [one["id"] for one in site.listed("&fresh=true")], "fresh=true gave an old list")
        poll = site.polled(comment["timestamp"] - 1, "&fresh=true")
        must(comment["id"] in [one["id"] for one in poll], "fresh=true gave an old poll")
