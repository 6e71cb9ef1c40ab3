"""What is told, in which shape: R10, R13 to R18."""

from .answers import must
from .checks import check
from .site import Comment, Site, texts

FIELDS = {
    *("id", "text", "timestamp", "username", "color", "domain"),
    *("language", "message-type", "misc", "replyTo", "staff"),
}


@check("R10")
def an_idle_poll_is_small_and_its_cursor_is_the_same_for_all(site: Site) -> None:
    cursor = site.head()
    answer = site.get(f"/api/changes?after={cursor}", token=None)
    if answer.of(200)["changes"]:
        return  # somebody else is talking
    must(len(answer.body) < 300, f"an idle poll takes {len(answer.body)} bytes")
    must(cursor <= answer.json()["cursor"] <= site.head(), "an idle poll moves the cursor to where nothing is")


@check("R13")
def limits_are_kept(site: Site) -> None:
    site.several(6)
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


@check("R14")
def the_numbers_are_those_of_the_list(site: Site) -> None:
    """What others say meanwhile is between two looks."""
    before = site.stats()
    posted = site.several(3)
    at_least, listed, at_most = site.stats(), site.get("/api/comments?limit=3").of(200), site.stats()
    must(at_least["totalMessages"] >= before["totalMessages"] + 3, "the numbers miss a post")
    must(at_least["totalMessages"] <= listed["total"] <= at_most["totalMessages"], "a list has another total")
    must(at_least["cursor"] <= listed["cursor"] <= at_most["cursor"], "a list has another cursor")
    must(at_least["latestTimestamp"] >= posted[-1]["timestamp"], "the newest comment is not the newest")
    is_still, newest = at_least == at_most, listed["comments"][-1]["timestamp"]
    must(not is_still or at_least["latestTimestamp"] == newest, "the newest comment is another")
    must(set(before) == {"totalMessages", "latestTimestamp", "cursor"}, f"other numbers: {sorted(before)}")


@check("R16")
def the_list_is_an_object_with_the_newest_oldest_first(site: Site) -> None:
    posted = site.several(5)
    last = site.drained(0)[-1]["version"]
    answer = site.get(f"/api/comments?domain={site.room}&limit=3", token=None).of(200)
    must(set(answer) - {"announcement"} == {"comments", "total", "hasMore", "cursor"}, "the list is not its object")
    must(texts(answer["comments"]) == texts(posted[2:]), "a list is not the newest, oldest first")
    must(answer["hasMore"] is True and answer["total"] >= 5, "a list does not say that there is more")
    must(last <= answer["cursor"] <= site.stats()["cursor"], "the cursor of a list is not what it has taken in")
    for comment in answer["comments"]:
        must(set(comment) == FIELDS, f"a comment has other fields: {sorted(comment)}")


@check("R16")
def the_poll_is_a_bare_array_oldest_first(site: Site) -> None:
    posted = site.several(7)
    for query in ("&limit=3", "&limit=3&fresh=true"):
        poll = site.polled(posted[1]["timestamp"], query, token=None)
        must(isinstance(poll, list), "the poll is no bare array")
        must(texts(poll) == texts(posted[2:5]), "a poll is not the oldest comments, oldest first")
        must(all(set(comment) == FIELDS for comment in poll), "a comment of a poll has other fields")


@check("R16")
def the_change_feed_is_an_envelope(site: Site) -> None:
    site.several(5)
    versions = [change["version"] for change in site.drained(0)]
    page = site.changes(versions[1], "&limit=2", token=None)
    always = {"after", "cursor", "changes", "hasMore", "pollAfterMs", "readers"}
    must(set(page) - {"build", "announcement"} == always, f"an envelope has other fields: {sorted(page)}")
    must((page["after"], page["hasMore"]) == (versions[1], True), "an envelope says wrongly where it is")
    must(versions[3] <= page["cursor"] < versions[4], "the cursor of an envelope is not what it has told")
    must([change["version"] for change in page["changes"]] == versions[2:4], "an envelope tells other changes")
    must(all(set(change) == FIELDS | {"version"} for change in page["changes"]), "a change has other fields")


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
