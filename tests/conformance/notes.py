"""What a bot notes is news for bots and for nobody else, by whichever way they read."""

from concurrent.futures import ThreadPoolExecutor

from .answers import must
from .checks import check
from .site import Site, texts

SEEN = {"processed": True}


@check("wire")
def visitors_learn_nothing_of_a_note(site: Site) -> None:
    before = site.head()
    site.post("noted")
    told = site.changes(before, token=None)["changes"][0]
    listed = site.listed(token=None)
    site.note(told, **SEEN).of(200)
    page = site.changes(told["version"], token=None)
    must((page["changes"], page["hasMore"]) == ([], False), "a note is news for visitors")
    must(site.listed(token=None) == listed, "a note changes what visitors see")
    must(site.changes(before, token=None)["changes"] == [told], "a note changes the version that visitors know")


@check("wire")
def a_note_does_not_move_a_comment_before_visitors_who_have_yet_to_see_it(site: Site) -> None:
    before = site.head()
    first, _ = site.post("first"), site.post("second")
    site.note(first, **SEEN).of(200)
    must(texts(site.changes(before, token=None)["changes"]) == ["first", "second"], "a note reorders for visitors")
    page = site.changes(before, "&limit=1", token=None)
    must(texts(page["changes"]) == ["first"] and page["hasMore"], "a note makes visitors miss a comment")


@check("wire")
def bots_learn_of_each_note_in_its_order(site: Site) -> None:
    before = site.head()
    first, _ = site.post("first", context=["asked"]), site.post("second")
    cursor = site.drained(before)[-1]["version"]
    site.note(first, **SEEN).of(200)
    told = [(change["text"], change.get("context"), change.get("botParams")) for change in site.drained(cursor)]
    must(told == [("first", ["asked"], SEEN)], f"bots are told {told}")
    must(texts(site.drained(before)) == ["second", "first"], "a note has not the place of its time")


@check("wire", is_live=True)
def a_websocket_tells_bots_of_a_note_and_visitors_nothing_of_it(site: Site) -> None:
    before = site.head()
    with site.bots_socket(before) as bot, site.socket(before) as visitor:
        asked = site.post("a question", context=["asked"], botParams={"processed": False})
        told = bot.until("a question")[-1]
        all_of_it = told.get("context"), told.get("botParams")
        must(all_of_it == (["asked"], {"processed": False}), f"a bot is told {all_of_it}")
        site.note(asked, **SEEN).of(200)
        must(bot.until("a question")[-1]["botParams"] == SEEN, "a bot is not told of a note")
        site.post("the end")
        seen = visitor.until("the end")
    must(texts(seen) == ["a question", "the end"], "a note is news for visitors")
    of_bots = [change for change in seen if {"context", "botParams"} & set(change)]
    must(not of_bots, "visitors are told what is for bots (R58)")


@check("wire", is_live=True)
def a_note_ends_the_long_poll_of_a_bot_and_not_that_of_a_visitor(site: Site) -> None:
    asked, cursor = site.ask_bots("a question"), site.head()
    with ThreadPoolExecutor(2) as waiting:
        bot = waiting.submit(site.changes, cursor, "&wait=30")
        visitor = waiting.submit(site.changes, cursor, "&wait=30", token=None)
        site.note(asked, **SEEN).of(200)
        told = bot.result()["changes"]
        must([change["botParams"] for change in told] == [SEEN], "a bot's long poll ends without the note")
        site.post("the end")
        must(texts(visitor.result()["changes"]) == ["the end"], "a note ends the long poll of a visitor")


@check("wire", is_live=True)
def a_long_poll_and_a_websocket_tell_at_once(site: Site) -> None:
    before = site.head()
    with ThreadPoolExecutor(1) as waiting, site.bots_socket(before) as socket:
        polled = waiting.submit(site.changes, before, "&wait=30")
        comment = site.post("told at once")
        must(texts(polled.result()["changes"]) == ["told at once"], "a long poll ends without the news")
        found = socket.until("told at once")
    must([change["id"] for change in found] == [comment["id"]], "a WebSocket tells something else")
