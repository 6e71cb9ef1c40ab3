"""What a bot notes is news for bots and for nobody else, by whichever way they read."""

import asyncio
import threading

import pytest
from websockets.sync.client import connect

from comments.api.fastlane import FastLane
from comments.models import Comment, StreamClock
from comments.reading import news as news_module
from comments.reading.news import News
from comments.reading.tail import Tail
from comments.wire.params import ChangesParams
from tests.api.test_consumers import PATIENCE_SECONDS, OwnSocket, Reader, say
from tests.support.servers import Server

pytestmark = pytest.mark.django_db

SEEN = {"processed": True}


def note(comment, **params) -> Comment:
    (noted,) = Comment.objects.filter(pk=comment.pk).edit_bot_params(lambda before: before | (params or SEEN))
    return noted


@pytest.fixture(params=["from memory", "from the table"])
def wherever(request, monkeypatch):
    """Both ways of answering have to agree."""
    if request.param == "from the table":
        monkeypatch.setattr("comments.api.reads.from_tail", lambda *question: None)


def test_visitors_learn_nothing_of_a_note(wherever, api, post, changes):
    comment = post()
    cursor = StreamClock.now().version
    before = api.get("/api/comments").json()["comments"]
    note(comment)
    after = changes(cursor)
    assert (after["changes"], after["hasMore"]) == ([], False)
    assert api.get("/api/comments").json()["comments"] == before
    assert changes(0)["changes"][0]["version"] == comment.version


def test_a_note_does_not_move_a_comment_before_visitors_who_have_yet_to_see_it(wherever, post, changes):
    first, second = post("first"), post("second")
    note(first)
    assert [change["id"] for change in changes(0)["changes"]] == [first.pk, second.pk]
    assert [change["id"] for change in changes(0, limit=1)["changes"]] == [first.pk]
    Comment.objects.filter(pk=first.pk).hide()
    assert [change.get("removed") for change in changes(second.version)["changes"]] == [True]


def test_bots_learn_of_each_note_in_its_order(wherever, api, post, bot_token):
    first, second = post("first", context=["asked"]), post("second")
    cursor = StreamClock.now().version
    note(first)
    told = api.get(f"/api/changes?after={cursor}", authorization=f"Bearer {bot_token}").json()
    assert [(change["id"], change["context"], change["botParams"]) for change in told["changes"]] == [
        (first.pk, ["asked"], SEEN)
    ]
    assert told["changes"][0]["version"] == told["cursor"] == StreamClock.now().version
    all_of_it = api.get("/api/changes?after=0", authorization=f"Bearer {bot_token}").json()["changes"]
    assert [change["id"] for change in all_of_it] == [second.pk, first.pk]


@pytest.mark.parametrize(
    "path", ["/api/comments", "/api/comments?after=0", "/api/changes?after=0", "/api/comments?type=human&order=desc"]
)
def test_bots_are_answered_from_memory(path, api, post, bot_token, django_assert_num_queries):
    post("Hello", context={"page": ["x"]}, bot_params={"processed": False})
    api.get(path, authorization=f"Bearer {bot_token}")  # that it was seen is noted now, and not again for a minute
    with django_assert_num_queries(2):  # whose token it is, and one look at the clock
        told = api.get(path, authorization=f"Bearer {bot_token}")
    assert told["Cache-Control"] == "no-store"
    answer = told.json()
    (comment,) = answer if isinstance(answer, list) else answer.get("comments") or answer["changes"]
    assert (comment["context"], comment["botParams"]) == ({"page": ["x"]}, {"processed": False})
    visitors = api.get(path).content
    assert b"botParams" not in visitors
    assert b"context" not in visitors


@pytest.mark.parametrize("path", ["/api/comments", "/api/changes?after=0"])
def test_a_bot_without_the_scope_is_told_what_everybody_is(path, api, post, make_bot):
    post(context=["private"], bot_params={"processed": False})
    _, token = make_bot("blind", scopes=["post"])
    told = api.get(path, authorization=f"Bearer {token}")
    assert told.json() == api.get(path).json()
    assert told["Cache-Control"] == "no-store"


def test_a_note_does_not_get_in_the_way_of_a_moderator(post):
    """What was shown is what is acted on: a note changes nothing of it."""
    comment = post()
    shown_at = StreamClock.now().version
    note(comment)
    assert Comment.objects.filter(version__lte=shown_at).hide() == [comment.pk]


@pytest.mark.django_db(transaction=True)
def test_a_note_wakes_bots_and_lets_visitors_sleep(post):
    async def scene() -> None:
        news = News(Tail())
        news.attach()
        told = news.upcoming()
        comment = await asyncio.to_thread(post)
        await news.fresh()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await told.wait()
        for_all, for_bots = news.upcoming(), news.upcoming(for_bots=True)
        await asyncio.to_thread(note, comment)
        await news.fresh()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await for_bots.wait()
        assert not for_all.is_set()
        await asyncio.to_thread(post, "for everybody")
        await news.fresh()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await for_all.wait()
        news.tail.executor.shutdown()

    asyncio.run(scene())


@pytest.mark.django_db(transaction=True)
def test_a_note_ends_the_wait_of_a_bots_long_poll_without_any_sign_of_life(post, monkeypatch):
    monkeypatch.setattr(news_module, "HEARTBEAT_TICKS", 1_000_000)  # which would wake it too, later
    comment = post()
    params = ChangesParams.of(f"after={StreamClock.now().version}&wait=30")

    async def scene() -> None:
        news = News(Tail())
        news.attach()
        waiting = asyncio.create_task(FastLane(None, news)._awaited(params, for_bots=True))
        while not news.listeners:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(note, comment)
        async with asyncio.timeout(PATIENCE_SECONDS):
            snapshot = await waiting
        assert [entry.id for entry in snapshot.changes_after(params.after, for_bots=True)] == [comment.pk]
        news.tail.executor.shutdown()

    asyncio.run(scene())


# Over a server


@pytest.fixture
def site(new_site) -> Server:
    return new_site


def reading_as(server: Server, cursor: int, token: str = ""):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{server.url.replace('http', 'ws')}/ws/changes?after={cursor}"
    return connect(url, max_size=None, additional_headers=headers, open_timeout=PATIENCE_SECONDS)


def test_a_bot_is_pushed_what_is_for_bots_and_a_visitor_nothing_of_it(site):
    token = site.manage("create_bot", "echo").stdout.strip()
    cursor = site.get("/api/comments").json()["cursor"]
    with reading_as(site, cursor, token) as for_bot, reading_as(site, cursor) as for_visitor:
        bot, visitor = Reader(for_bot), Reader(for_visitor)
        say(site, "a question", context=["asked"], botParams={"processed": False})
        (asked,) = bot.until("a question")
        assert (asked["context"], asked["botParams"]) == (["asked"], {"processed": False})
        site.patch(f"/api/comments/{asked['id']}", {"botParams": SEEN}, authorization=f"Bearer {token}")
        (noted,) = bot.until("a question")
        assert noted["botParams"] == SEEN
        say(site, "the end")
        seen = visitor.until("the end")
        assert [change["text"] for change in seen] == ["a question", "the end"], "the note is no news"
        assert not any("botParams" in change for change in seen)


def test_a_bots_long_poll_is_answered_by_a_note_and_a_visitors_is_not(site):
    token = site.manage("create_bot", "echo").stdout.strip()
    say(site, "a question")
    (asked,) = site.get("/api/comments").json()["comments"]
    cursor = site.get("/api/comments").json()["cursor"]
    answers = {}

    def wait(who: str, **headers: str) -> None:
        answers[who] = site.get(f"/api/changes?after={cursor}&wait=30", **headers).json()["changes"]

    waiting = [
        threading.Thread(target=wait, args=["bot"], kwargs={"authorization": f"Bearer {token}"}),
        threading.Thread(target=wait, args=["visitor"]),
    ]
    for thread in waiting:
        thread.start()
    site.patch(f"/api/comments/{asked['id']}", {"botParams": SEEN}, authorization=f"Bearer {token}")
    waiting[0].join(PATIENCE_SECONDS)
    assert [change["botParams"] for change in answers["bot"]] == [SEEN]
    say(site, "the end")
    waiting[1].join(PATIENCE_SECONDS)
    assert [change["text"] for change in answers["visitor"]] == ["the end"]


@pytest.mark.parametrize("token", ["Bearer wrong", "Basic x"])
def test_a_wrong_token_opens_no_socket(site, token):
    url = f"{site.url.replace('http', 'ws')}/ws/changes?after=0"
    with connect(url, additional_headers={"Authorization": token}, open_timeout=PATIENCE_SECONDS) as socket:
        assert Reader(socket).close_code() == 4401


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_taken_back_ends_its_sockets_with_the_next_sign_of_life(post, bot, bot_token, monkeypatch):
    monkeypatch.setattr(news_module, "SAFETY_TICK_SECONDS", 0.05)

    def take_back() -> None:
        bot.is_active = False
        bot.save()

    async def scene() -> dict:
        news = News(Tail())
        headers = [(b"authorization", f"Bearer {bot_token}".encode())]
        socket = await OwnSocket.opened(news, headers=headers)
        assert (await socket.envelope())["changes"][0]["context"] == ["private"]
        await asyncio.to_thread(take_back)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (last := await socket.sent.get())["type"] == "websocket.send":
                pass
        await socket.leave()
        news.tail.executor.shutdown()
        return last

    post(context=["private"])
    assert asyncio.run(scene())["code"] == 4401
