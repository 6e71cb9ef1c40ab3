"""Which part of the stream is shown, and in which order."""

from .answers import must
from .checks import check
from .site import Site, texts


@check("wire")
def order_is_presentation_only(site: Site) -> None:
    posted = site.several(7)
    ascending = site.listed("&limit=5&sort=timestamp&order=asc")
    must(texts(ascending) == texts(posted[2:]), "ascending is not the newest, oldest first")
    descending = site.listed("&limit=5&sort=timestamp&order=desc")
    must(descending == ascending[::-1], "another order shows other comments")


@check("wire")
def before_walks_back_through_everything_exactly_once(site: Site) -> None:
    posted, walked, before = site.several(25), [], ""
    while True:
        answer = site.get(f"/api/comments?domain={site.room}&limit=4{before}").of(200)
        walked = answer["comments"] + walked
        must(len(walked) <= len(posted), "walking back does not end")
        if not answer["hasMore"]:
            break
        before = f"&before={answer['comments'][0]['timestamp']}"
    must(texts(walked) == texts(posted), "walking back loses, doubles or reorders")


@check("wire")
def offset_skips_the_newest(site: Site) -> None:
    posted = site.several(9)
    must(texts(site.listed("&limit=2&offset=5")) == texts(posted[2:4]), "offset=5 does not skip the five newest")


@check("wire")
def the_first_versions_bot_gets_what_it_asks_for(site: Site) -> None:
    before = site.stats()["totalMessages"]
    posted = site.several(25)[::-1]
    answer = site.get("/api/comments?limit=20&domain=all&sort=timestamp&order=desc&fresh=true").of(200)
    moments = [comment["timestamp"] for comment in answer["comments"]]
    must(len(moments) == 20 and moments == sorted(moments, reverse=True), "it does not get 20, newest first")
    own = site.own(answer["comments"])
    must(texts(own) == texts(posted[: len(own)]), "domain=all leaves out or reorders what was just said")
    of_others = answer["total"] - before - 25
    must(len(own) >= 20 - of_others, "it gets what is old instead of what was just said")


@check("wire")
def the_first_request_of_the_first_versions_page_counts_and_shows_nothing(site: Site) -> None:
    site.post("counted")
    least = site.stats()["totalMessages"]
    answer = site.get("/api/comments?offset=0&limit=0", token=None).of(200)
    must(least <= answer["total"] <= site.stats()["totalMessages"], "limit=0 counts something else")
    must(answer["comments"] == [] and answer["hasMore"] is True, "limit=0 is not a count that says that there is more")
    must(site.get("/api/comments?after=0&limit=0", token=None).of(200) == [], "a poll for nothing gets something")
    nothing = site.get(f"/api/comments?limit=0&search=not-{site.room}", token=None).of(200)
    must(nothing["hasMore"] is False, "there is more of what is not there")


@check("wire")
def the_list_has_50_unless_asked_and_the_poll_200(site: Site) -> None:
    for n in range(site.stats()["totalMessages"], 201):
        site.post(f"to have 201: {n}")
    must(len(site.get("/api/comments", token=None).of(200)["comments"]) == 50, "a list has not 50 unless asked")
    poll = site.get("/api/comments?after=0", token=None).of(200)
    moments = [comment["timestamp"] for comment in poll]
    must(len(poll) == 200 and moments == sorted(moments), "a poll has not 200 unless asked, oldest first")
    oldest = site.get("/api/comments?after=0&limit=1", token=None).of(200)
    must(poll[:1] == oldest, "a poll does not begin with the oldest")
