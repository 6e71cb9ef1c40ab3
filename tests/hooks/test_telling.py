"""What a hook is told: everything, signed, in order, and again until it is taken; by one process at a time."""

import asyncio
import ipaddress
import json
import threading
from contextlib import asynccontextmanager
from unittest.mock import Mock

import pytest
from django.db import OperationalError, connection

from comments.hooks import courier as courier_module
from comments.hooks import making, taking
from comments.hooks.courier import LOOK_SECONDS, REST_SECONDS, Courier
from comments.hooks.hook import Delivery, Feed, Hook, HookQuerySet
from comments.hooks.message import headers_of
from comments.hooks.taking import Outcome
from comments.models import Bot, Comment, StreamClock
from comments.stream.clock import put_right, writing
from tests.hooks.receiver import is_signed, receiving
from tests.support.cast import everything_stored
from tests.support.until import until

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 60


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def call_me(receiver, make_bot):
    """Makes a hook of a new bot; it tells the receiver: `call_me("work")`."""

    def call_me(feed: str = "changes", name: str = "echo", **fields) -> Hook:
        bot, _ = make_bot(name, **fields)
        hook = making.create(bot, receiver.url, feed)
        receiver.secret = hook.secret
        return hook

    return call_me


@pytest.fixture
def bot_and_its_hook(receiver, make_bot):
    bot, token = make_bot("echo")
    hook = making.create(bot, receiver.url, "changes")
    receiver.secret = hook.secret
    return bot, token, hook


@asynccontextmanager
async def couriers(many: int = 1):
    made = [Courier() for _ in range(many)]
    yield made
    for courier in made:
        for task in list(courier.serving.values()):
            task.cancel()
        await courier.ask(close)
        courier.table.shutdown()


def close() -> None:
    connection.close()


def tell(many: int = 1) -> None:
    """Let couriers look once, all at once, and finish what they have begun."""

    async def scene() -> None:
        async with couriers(many) as made, asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(courier.look() for courier in made))
            await asyncio.gather(*(task for courier in made for task in courier.serving.values()))

    asyncio.run(scene())


def put_times_right() -> None:
    """As it is done once an hour, and when a wall clock was set back."""
    with writing() as clock:
        put_right(clock)


def cursor_of(hook: Hook) -> int:
    return Hook.objects.get(pk=hook.pk).cursor


# What it is told


def test_each_change_comes_once_in_order_signed_and_as_the_bot_may_see_it(bot_and_its_hook, receiver, post, api):
    _, token, hook = bot_and_its_hook
    begun = hook.cursor
    first = post("one", context=["the page"], bot_params={"processed": False})
    post("two")
    Comment.objects.filter(pk=first.pk).hide()
    post("three")
    tell()
    seen = api.get(f"/api/changes?after={begun}", authorization=f"Bearer {token}").json()["changes"]
    assert [message["data"] for _, message in receiver.came] == seen
    assert [change.get("text", "removed") for change in seen] == ["two", "removed", "three"]
    assert {message["type"] for _, message in receiver.came} == {"change"}
    assert receiver.ids == [f"msg_{hook.pk}_{change['version']}" for change in seen]
    assert receiver.forged == 0
    tell()
    assert len(receiver.came) == 3
    assert cursor_of(hook) == StreamClock.now().version


def test_a_signature_is_good_for_its_words_its_time_and_its_secret_alone(call_me, receiver, post):
    hook = call_me()
    post("one")
    tell()
    (headers, body), secret = (receiver.headers[0], receiver.bodies[0]), hook.secret
    assert is_signed(headers, body, secret)
    hook.renew_secret()
    assert not is_signed(headers, body, hook.secret)
    assert not is_signed(headers, body + b" ", secret)
    assert not is_signed({**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, body, secret)
    assert not is_signed({**headers, "webhook-id": "msg_2"}, body, secret)


def test_a_bot_without_the_scope_is_told_nothing_private(call_me, receiver, post):
    call_me(scopes=["post"])
    comment = post("one", context=["secret"])
    Comment.objects.filter(pk=comment.pk).edit_bot_params(lambda params: {"seen": True})
    tell()
    assert receiver.texts == ["one"]
    assert b"secret" not in receiver.bodies[0]


def test_work_is_told_when_it_asks_for_an_answer_and_when_it_asks_again(call_me, receiver, post):
    call_me("work")
    post("by the way")
    question = post("How are you?", bot_params={"processed": False})
    tell()
    Comment.objects.filter(pk=question.pk).edit_bot_params(lambda params: {"processed": True})
    tell()
    Comment.objects.filter(pk=question.pk).edit_bot_params(lambda params: {"processed": False})
    tell()
    assert [(message["type"], message["data"]["text"]) for _, message in receiver.came] == [
        ("work", "How are you?"),
        ("work", "How are you?"),
    ]
    assert len(set(receiver.ids)) == 2


def test_states_tell_of_what_is_held_and_end_with_the_scope(call_me, receiver, held):
    hook = call_me("states", scopes=["moderate"])
    held("May I?")
    tell()
    assert [(message["type"], message["data"]["state"]) for _, message in receiver.came] == [("state", "held")]
    Bot.objects.update(scopes=["post"])
    held("And I?")
    tell()
    assert len(receiver.came) == 1
    assert not Hook.objects.get(pk=hook.pk).is_active


def test_a_bot_that_is_off_is_not_called_and_misses_nothing(call_me, receiver, post):
    call_me()
    Bot.objects.update(is_active=False)
    post("while it was off")
    tell()
    assert receiver.came == []
    Bot.objects.update(is_active=True)
    tell()
    assert receiver.texts == ["while it was off"]


def test_after_a_restore_it_is_told_to_begin_anew(call_me, receiver, post):
    hook = call_me()
    post("lost")
    clock = StreamClock.now()
    StreamClock.objects.update(lost=[[hook.cursor, clock.version]], version=clock.version + 10)
    tell()
    assert [message["type"] for _, message in receiver.came] == ["restarted"]
    assert receiver.came[0][1]["data"] == {"cursor": clock.version + 10}
    post("after it")
    tell()
    assert receiver.texts[1:] == ["after it"]


# When it does not work


@pytest.mark.parametrize("status", [500, 404, 429, 307])
def test_what_is_not_taken_comes_again_with_the_same_id_and_before_what_follows(
    status, call_me, receiver, post, time_passes
):
    hook = call_me()
    receiver.status = status
    post("one")
    post("two")
    tell()
    tell()
    assert receiver.texts == ["one"], "not again at once"
    time_passes(seconds=6)
    tell()
    time_passes(seconds=6)
    tell()
    assert receiver.texts == ["one"] * 2, "later each time"
    receiver.status = 204
    time_passes(seconds=6)
    tell()
    assert receiver.texts == ["one", "one", "one", "two"]
    assert (len(set(receiver.ids)), len(set(receiver.bodies))) == (2, 2)
    assert Hook.objects.get(pk=hook.pk).failures == 0


def test_who_is_dead_is_switched_off_and_goes_on_from_there_when_it_is_on_again(
    call_me, receiver, post, time_passes, monkeypatch
):
    monkeypatch.setattr(taking, "MOST_FAILURES", 3)
    hook = call_me()
    receiver.status = 503
    post("one")
    for _ in range(5):
        tell()
        time_passes(hours=2)
    assert len(receiver.came) == 3
    assert not Hook.objects.get(pk=hook.pk).is_active
    receiver.status = 200
    post("two")
    making.switch(hook, on=True)
    tell()
    assert receiver.texts == ["one", "one", "one", "one", "two"]


def test_who_says_that_it_is_gone_is_switched_off_at_once(call_me, receiver, post, time_passes):
    hook = call_me()
    receiver.status = 410
    post("one")
    tell()
    time_passes(hours=2)
    tell()
    assert len(receiver.came) == 1
    assert not Hook.objects.get(pk=hook.pk).is_active


def test_who_is_slow_holds_nobody_else_up(call_me, receiver, post):
    call_me(name="one")
    call_me(name="two")
    both = threading.Barrier(2, timeout=PATIENCE_SECONDS)
    receiver.meanwhile = lambda handler: both.wait()
    post("hello")
    tell()
    assert receiver.texts == ["hello", "hello"]
    assert not both.broken


def test_who_takes_long_to_answer_is_told_by_nobody_else_meanwhile(call_me, receiver, post, time_passes):
    call_me()
    may_answer = threading.Event()
    receiver.meanwhile = lambda handler: may_answer.wait(PATIENCE_SECONDS)
    post("one")

    async def scene() -> None:
        async with couriers(2) as (one, other), asyncio.timeout(PATIENCE_SECONDS):
            await one.look()
            await until(lambda: receiver.came)
            for _ in range(3):
                time_passes(seconds=2)
                await one.look()
                await other.look()
            may_answer.set()
            await asyncio.gather(*one.serving.values(), *other.serving.values())

    asyncio.run(scene())
    assert receiver.texts == ["one"]


def test_no_more_are_called_at_once_than_there_are_places(call_me, receiver, post, monkeypatch):
    monkeypatch.setattr(courier_module, "AT_ONCE", 2)
    for number in range(5):
        call_me(name=f"bot-{number}")
    called, most, nobody = [], [], threading.Event()

    def meanwhile(handler) -> None:
        called.append(handler)
        most.append(len(called))
        nobody.wait(0.2)  # so long the others have time to come, too
        called.remove(handler)

    receiver.meanwhile = meanwhile
    post("hello")
    tell()
    assert (len(most), max(most)) == (5, 2)


def test_a_database_that_goes_for_a_moment_ends_no_courier_and_leaves_it_no_broken_connection(
    call_me, receiver, post, monkeypatch
):
    call_me()
    post("one")

    def gone(me: str) -> list[int]:
        connection.ensure_connection()
        raise OperationalError("gone")

    async def scene() -> None:
        async with couriers() as (courier,), asyncio.timeout(PATIENCE_SECONDS):
            with monkeypatch.context() as away:
                away.setattr(taking, "take_due", gone)
                assert await courier.look() == LOOK_SECONDS
            assert await courier.ask(lambda: connection.connection) is None
            await courier.look()
            await asyncio.gather(*courier.serving.values())

    asyncio.run(scene())
    assert receiver.texts == ["one"]


def test_whatever_fails_in_a_look_the_courier_looks_again(call_me, receiver, post, monkeypatch, caplog):
    call_me()
    post("one")

    async def scene() -> None:
        async with couriers() as (courier,), asyncio.timeout(PATIENCE_SECONDS):
            with monkeypatch.context() as broken:
                broken.setattr(taking, "take_due", Mock(side_effect=ValueError("whatever it is")))
                assert await courier.look() == REST_SECONDS
            await courier.look()
            await asyncio.gather(*courier.serving.values())

    asyncio.run(scene())
    assert receiver.texts == ["one"]
    assert "Webhooks could not be looked after." in caplog.text


def test_the_log_says_how_calls_went_is_short_and_has_no_words(call_me, receiver, post, no_limits, monkeypatch):
    monkeypatch.setattr(taking, "KEPT_DELIVERIES", 3)
    hook = call_me()
    for number in range(5):
        post(f"whispered {number}")
    tell()
    assert [call.message_id for call in Delivery.objects.order_by("at", "pk")] == receiver.ids[-3:]
    call = Delivery.objects.first()
    assert (call.hook, call.outcome, call.is_done, call.attempt) == (hook, "200", True, 1)
    assert "whispered" not in repr(list(Delivery.objects.values()))
    assert hook.secret.removeprefix("whsec_") not in everything_stored()


@pytest.mark.parametrize("ahead", [{"days": 365}, {"minutes": 30}], ids=str)
def test_what_was_put_off_by_a_clock_that_was_ahead_comes_when_that_is_put_right(
    ahead, call_me, receiver, post, time_passes
):
    call_me()
    receiver.status = 500
    post("one")
    time_passes(**ahead)
    tell()
    time_passes(**{unit: -many for unit, many in ahead.items()})
    time_passes(minutes=1)
    receiver.status = 200
    tell()
    assert receiver.texts == ["one"], "it would wait as long as the clock was ahead"
    put_times_right()
    tell()
    assert receiver.texts == ["one", "one"]


def test_what_was_held_by_a_clock_that_was_ahead_is_free_when_that_is_put_right(call_me, receiver, post, time_passes):
    hook = call_me()
    post("one")
    time_passes(days=365)
    assert taking.take_due("killed") == [hook.pk]
    time_passes(days=-365, minutes=1)
    tell()
    assert receiver.texts == [], "it would be held for a year"
    put_times_right()
    tell()
    assert receiver.texts == ["one"]


def test_what_is_put_off_by_a_clock_that_is_right_stays_so_when_times_are_put_right(call_me, receiver, post):
    """Which they are once an hour, whatever the clock."""
    call_me()
    receiver.status = 500
    post("one")
    tell()
    put_times_right()
    tell()
    assert receiver.texts == ["one"], "it would be called all the time"


def test_who_is_called_is_not_called_by_another_when_times_are_put_right(call_me, post):
    hook = call_me()
    post("one")
    assert taking.take_due("one") == [hook.pk]
    put_times_right()
    assert taking.take_due("other") == []


# Who tells


def test_of_many_processes_one_tells(call_me, receiver, post):
    call_me()
    for number in range(5):
        post(f"{number}")
    tell(many=4)
    assert receiver.texts == ["0", "1", "2", "3", "4"]


def test_of_two_that_look_at_the_same_moment_one_takes_it(call_me, post, monkeypatch):
    hook = call_me()
    post("one")
    monkeypatch.setattr(HookQuerySet, "due", lambda hooks: hooks.filter(pk=hook.pk))  # as both have seen it
    assert (taking.take_due("one"), taking.take_due("two")) == ([hook.pk], [])


def test_who_slept_cannot_move_the_cursor_of_what_another_has_taken(call_me, post, time_passes):
    hook = call_me()
    post("one")
    assert taking.take_due("sleeper") == [hook.pk]
    _, message = taking.next_message(hook.pk, "sleeper")
    assert taking.take_due("other") == []
    time_passes(seconds=2)
    taking.keep([hook.pk], "sleeper")
    time_passes(seconds=2)
    assert taking.take_due("other") == [], "it was kept"
    time_passes(seconds=4)
    assert taking.take_due("other") == [hook.pk]
    assert not taking.note(hook.pk, "sleeper", message, Outcome("200", True, 1))
    assert cursor_of(hook) < message.cursor
    assert taking.next_message(hook.pk, "sleeper") is None
    assert taking.note(hook.pk, "other", message, Outcome("200", True, 1))
    assert cursor_of(hook) == message.cursor


def test_what_was_told_and_not_noted_comes_again_with_the_same_id(call_me, receiver, post, time_passes):
    """As if the process had been killed between the two."""
    hook = call_me()
    post("one")
    taking.take_due("killed")
    _, message = taking.next_message(hook.pk, "killed")
    tell()
    assert receiver.came == [], "somebody may still be at it"
    time_passes(seconds=6)
    tell()
    assert receiver.came == [(message.id, json.loads(message.body))]
    assert receiver.bodies == [message.body]


@pytest.mark.parametrize("feed", Feed.values)
def test_an_idle_hook_costs_one_look(feed, call_me, django_assert_num_queries):
    call_me(feed, scopes=["claim", "moderate", "read:context"])
    with django_assert_num_queries(1):
        assert taking.take_due("me") == []


def test_what_a_hook_is_not_told_is_looked_through_once(call_me, post):
    hook = call_me("work")
    last = post("that asks nobody for an answer")
    tell()
    assert cursor_of(hook) == last.version
    assert taking.take_due("me") == []


def test_headers_are_those_of_the_convention(call_me, post):
    """By the numbers of an example that was computed apart from this code."""
    from comments.hooks.message import Message

    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    message = Message("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', 0)
    headers = headers_of(message, secret, 1614265330)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
