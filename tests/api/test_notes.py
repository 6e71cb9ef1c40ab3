"""What a bot notes is news for bots and for nobody else: what that costs, whom it wakes, what moderators see of it.

What any client can see of it is in tests/conformance/notes.py.
"""

import asyncio

import pytest

from comments.api.fastlane import FastLane
from comments.models import Comment, StreamClock
from comments.reading import news as news_module
from comments.reading.news import News
from comments.reading.tail import Tail
from comments.wire.params import ChangesParams
from tests.api.test_consumers import PATIENCE_SECONDS, OwnSocket

pytestmark = pytest.mark.django_db

SEEN = {"processed": True}


def note(comment, **params) -> Comment:
    (noted,) = Comment.objects.filter(pk=comment.pk).edit_bot_params(lambda before: before | (params or SEEN))
    return noted


@pytest.mark.parametrize("wherever", ["from memory", "from the table"])
def test_who_has_seen_a_comment_learns_that_it_is_hidden_also_after_a_note(wherever, request, post, changes):
    if wherever == "from the table":
        request.getfixturevalue("from_the_table")
    first, second = post("first"), post("second")
    note(first)
    Comment.objects.filter(pk=first.pk).hide()
    assert [change.get("removed") for change in changes(second.version)["changes"]] == [True]


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
