"""The tail in memory: what it holds, and that it never says other things than the table."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from comments.api import reads
from comments.history import importing
from comments.models import Comment
from comments.reading import tail as tail_module
from comments.reading.tail import Tail, tail
from comments.stream.clock import StreamClock
from comments.wire.params import ChangesParams, ListParams
from tests.support.cast import SameThread

pytestmark = pytest.mark.django_db

LIST = "/api/comments?limit=500"


@pytest.fixture
def small_tail(monkeypatch):
    """A tail that keeps 20 changes and 20 comments, and has to hold 10."""
    monkeypatch.setattr(tail_module, "CHANGES_KEPT", 20)
    monkeypatch.setattr(tail_module, "COMMENTS_KEPT", 20)
    monkeypatch.setattr(tail_module, "MAX_LIST", 10)


def same_from_tail_and_table(params, for_bots: bool) -> bool:
    """False if the tail does not hold what was asked for; it is wrong to hold something else than the table."""
    told = reads.from_tail(params, tail.fresh().result(), for_bots)
    if told is None:
        return False
    assert told.body == reads.from_table(params, for_bots).body
    return True


def test_the_first_read_loads_and_the_next_costs_one_look_at_the_clock(post):
    post()
    tail.fresh().result()
    with CaptureQueriesContext(connection) as queries:
        tail.fresh().result()
    assert len(queries) == 1


def test_news_costs_one_read_of_what_is_new(post):
    post()
    tail.fresh().result()
    post("news")
    with CaptureQueriesContext(connection) as queries:
        snapshot = tail.fresh().result()
    assert len(queries) == 3  # the clock; and in one moment the clock and what is new
    assert snapshot.comments[-1].comment.count(b"news") == 1


def test_an_empty_table_has_an_empty_tail_that_fills(post):
    assert tail.fresh().result().comments == []
    comment = post()
    assert [entry.id for entry in tail.fresh().result().comments] == [comment.id]


def test_R05_a_cold_process_shows_the_newest_500(api):
    lines = [{"id": f"old-{n}", "timestamp": 10**12 + n, "username": "Old", "text": f"number {n}"} for n in range(520)]
    importing.store([(n, importing.LineReader().comment(line)) for n, line in enumerate(lines)])
    tail.forget()
    assert [comment["id"] for comment in api.get(LIST).json()["comments"]] == [line["id"] for line in lines[-500:]]


def test_R08_processes_that_start_at_random_during_writes_lose_nothing(api, post):
    dice, ids = random.Random(8), []
    for n in range(60):
        ids.append(post(f"number {n}").id)
        if dice.random() < 0.3:
            tail.forget()
        assert [comment["id"] for comment in api.get(LIST).json()["comments"]] == ids


# On the second database, too, but not all of them.
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.once) for seed in range(2, 6))])
def test_whatever_happens_the_tail_says_what_the_table_says(small_tail, post, seed):
    """Posts, hides, restores, erasures, notes and imports at random; every kind of question after each."""
    dice = random.Random(seed)
    ids = [post(f"number {n}", domain=dice.choice(["a.example", "b.example"])).id for n in range(5)]
    told = 0
    for step in range(60):
        some = Comment.objects.filter(pk__in=dice.sample(ids, dice.randint(1, len(ids))))
        match dice.randrange(8):
            case 0:
                some.hide()
            case 1:
                some.restore()
            case 2:
                Comment.objects.filter(pk=dice.choice(ids)).erase()
            case 3:
                some.edit_bot_params(lambda params: {"seen": True})
            case 4:
                old = {"timestamp": dice.randrange(10**12), "username": "Old", "text": f"history {step}"}
                importing.store([(1, importing.LineReader().comment(old))])
            case _:
                ids.append(post(f"step {step}", domain=dice.choice(["a.example", "b.example"])).id)
        for params in questions(dice):
            told += same_from_tail_and_table(params, for_bots=dice.random() < 0.5)
    assert told > 300  # it would be no use if it sent everybody to the table


def questions(dice: random.Random):
    versions = [0, *Comment.objects.order_by("bots_version").values_list("bots_version", flat=True)]
    versions.append(StreamClock.now().version)
    timestamps = [
        0,
        *Comment.objects.exclude(timestamp=None).order_by("timestamp").values_list("timestamp", flat=True),
    ]
    for domain in ("all", "a.example"):
        yield ListParams.of(f"limit={dice.choice([1, 3, 9, 10, 30])}&domain={domain}")
        yield ListParams.of(f"after={dice.choice(timestamps[-20:])}&limit=4&domain={domain}")
        yield ChangesParams.of(f"after={dice.choice(versions[-20:])}&limit={dice.choice([1, 7, 200])}&domain={domain}")
    yield ChangesParams.of(f"after={dice.choice(versions)}")


def test_a_hundred_comments_hidden_at_once_leave_a_full_window(api, post):
    ids = [post(f"number {n}").id for n in range(140)]
    tail.fresh().result()
    with mock.patch.object(tail_module, "MAX_LIST", 60), mock.patch.object(tail_module, "COMMENTS_KEPT", 80):
        Comment.objects.filter(pk__in=ids[40:]).hide()
        assert [comment["id"] for comment in api.get("/api/comments?limit=40").json()["comments"]] == ids[:40]


def test_more_news_than_the_tail_holds_makes_it_load_afresh(small_tail, post, changes):
    post("first")
    tail.fresh().result()
    ids = [post(f"number {n}").id for n in range(50)]
    snapshot = tail.fresh().result()
    assert [entry.id for entry in snapshot.changes] == ids[-20:]
    assert [change["id"] for change in changes(0)["changes"]][1:] == ids  # the rest comes from the table


def test_its_memory_is_bounded(small_tail, post):
    for n in range(100):
        post(f"number {n}")
        snapshot = tail.fresh().result()
        for limit in range(1, 5):
            reads.from_tail(ListParams.of(f"limit={limit}"), snapshot)
    assert len(snapshot.changes) <= 20
    assert len(snapshot.comments) <= 20
    for n in range(200):
        reads.from_tail(ListParams.of(f"limit=1&domain=d{n}"), snapshot)
    assert len(snapshot.representations) <= tail_module.MAX_REPRESENTATIONS


def test_imported_history_is_in_the_list_at_once(api, post):
    post("now")
    assert len(api.get(LIST).json()["comments"]) == 1
    importing.store([(1, importing.LineReader().comment({"timestamp": 5, "username": "Old", "text": "then"}))])
    assert [comment["text"] for comment in api.get(LIST).json()["comments"]] == ["then", "now"]


def test_what_many_ask_is_made_once(post):
    post()
    snapshot = tail.fresh().result()
    first = reads.from_tail(ChangesParams.of("after=0"), snapshot)
    assert reads.from_tail(ChangesParams.of("after=0"), snapshot) is first
    waited = reads.from_tail(ChangesParams.of("after=0&wait=25"), snapshot)
    assert reads.from_tail(ChangesParams.of("after=0&wait=20"), snapshot) is waited


# Single flight


class Steps:
    """A table whose reads last until the test lets them end."""

    def __init__(self, monkeypatch):
        self.begun = 0
        self.gate = threading.Semaphore(0)
        self.has_begun = threading.Condition()
        monkeypatch.setattr(Tail, "_follow", lambda tail: self.follow(tail))

    def follow(self, tail) -> bool:
        with self.has_begun:
            self.begun += 1
            self.has_begun.notify_all()
        assert self.gate.acquire(timeout=20)
        tail.snapshot = self.begun
        return False

    def wait_for(self, reads: int) -> None:
        with self.has_begun:
            assert self.has_begun.wait_for(lambda: self.begun >= reads, timeout=20)


def test_a_question_waits_for_a_read_that_begins_after_it_and_shares_it(monkeypatch):
    table, follower = Steps(monkeypatch), Tail()
    first = follower.fresh()
    table.wait_for(1)
    later = [follower.fresh() for _ in range(100)]
    assert first is not later[0]
    assert len(set(map(id, later))) == 1
    table.gate.release()
    assert first.result(20) == 1
    assert not later[0].done()
    table.gate.release()
    assert later[0].result(20) == 2
    assert table.begun == 2


def test_many_threads_at_once_cost_a_few_reads(monkeypatch):
    table, follower = Steps(monkeypatch), Tail()
    for _ in range(500):
        table.gate.release()
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: follower.fresh().result(20), range(400)))
    assert len(answers) == 400
    assert table.begun <= 400
    assert max(answers) == table.begun


# A database that does not answer


@pytest.fixture
def broken_table(monkeypatch):
    def broken_table():
        monkeypatch.setattr(StreamClock, "now", mock.Mock(side_effect=OperationalError("gone")))

    return broken_table


def test_R15_the_change_feed_says_503_and_never_no_news(api, post, broken_table):
    cursor = post().version
    assert api.get(f"/api/changes?after={cursor}").status_code == 200
    broken_table()
    assert api.get(f"/api/changes?after={cursor}").status_code == 503


def test_R15_the_list_outlives_a_hiccup_of_two_seconds_and_says_503_after_that(api, post, broken_table, monkeypatch):
    post()
    expected = api.get(LIST).json()
    broken_table()
    assert api.get(LIST).json() == expected
    assert api.get(f"{LIST}&fresh=true").status_code == 503
    later = time.monotonic() + 2.1
    monkeypatch.setattr(tail_module.time, "monotonic", lambda: later)
    assert api.get(LIST).status_code == 503


@pytest.mark.django_db(transaction=True)
def test_the_tail_recovers_when_the_database_does(post, monkeypatch):
    post("before")
    tail.fresh().result()
    with monkeypatch.context() as broken, pytest.raises(OperationalError):
        broken.setattr(StreamClock, "now", mock.Mock(side_effect=OperationalError))
        tail.fresh().result()
    post("after")
    assert len(tail.fresh().result().comments) == 2


def test_a_test_reads_in_its_own_thread():
    assert isinstance(tail.executor, SameThread)
