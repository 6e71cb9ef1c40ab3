"""The tail when its connection or its database is taken away and given back, while readers are waiting."""

import threading

import pytest
from django.db import Error, OperationalError, connection

from comments.models import Comment, StreamClock
from comments.outage import is_away
from comments.reading.tail import Tail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tail():
    tail = Tail()
    yield tail
    tail.executor.submit(lambda: connection.close()).result(20)
    tail.executor.shutdown()


def ids(tail: Tail) -> list[str]:
    return [entry.id for entry in tail.fresh().result(20).comments]


def test_a_connection_that_breaks_is_not_kept(tail, post):
    first = post()
    assert ids(tail) == [first.id]
    tail.executor.submit(break_connection).result(20)
    with pytest.raises(Error):
        ids(tail)
    second = post()
    assert ids(tail) == [first.id, second.id]


def break_connection() -> None:
    """As when the server was restarted: Django does not know yet."""
    connection.ensure_connection()
    connection.connection.close()


def test_after_a_read_that_failed_the_tail_is_loaded_afresh(tail, post, monkeypatch):
    """What it held may be from before a restore."""
    gone, kept = post("gone"), post("kept")
    assert ids(tail) == [gone.id, kept.id]
    Comment.objects.filter(pk=gone.pk)._raw_delete("default")  # as a restore would, without a version
    tail.executor.submit(break_connection).result(20)
    with pytest.raises(Error):
        ids(tail)
    assert ids(tail) == [kept.id]


def test_a_read_that_failed_makes_what_was_read_before_no_more_recent(tail):
    """Else it would be given for as long as the database is away, and signs of life would go out."""
    ids(tail)
    read_at = tail.read_at
    tail.executor.submit(break_connection).result(20)
    with pytest.raises(Error):
        ids(tail)
    assert tail.read_at == read_at


def test_the_first_read_that_is_answered_says_that_the_database_answers_again(tail, caplog):
    is_away(OperationalError("gone"))
    for _ in range(2):
        ids(tail)
    assert [message for message in caplog.messages if "again" in message] == ["The database answers again."]


def test_a_clock_that_went_back_is_believed(tail, post):
    """After a restore from a backup the table is the truth, also where it knows less."""
    before = post("before")
    clock = StreamClock.now()
    lost = post("lost")
    assert ids(tail) == [before.id, lost.id]
    Comment.objects.filter(pk=lost.pk)._raw_delete("default")
    clock.save()
    assert ids(tail) == [before.id]
    assert tail.snapshot.clock.version == clock.version


def test_a_restore_is_news_for_everybody_though_nothing_has_been_said_since(tail, post):
    """So that who waits is told at once to load afresh, and not at the next sign of life."""
    post()
    ids(tail)
    told = []
    tail.on_news = told.append
    clock = StreamClock.now()
    clock.lost = [[clock.version + 1, clock.version + 9]]
    clock.save()
    ids(tail)
    tail.executor.submit(lambda: None).result(20)  # what the reading thread had to tell, it has told
    assert told == [True]


def test_many_who_wait_while_the_connection_breaks_are_all_answered(tail, post):
    post()
    ids(tail)
    tail.executor.submit(break_connection).result(20)
    answers = []

    def ask() -> None:
        try:
            answers.append(len(tail.fresh().result(20).comments))
        except Error:
            answers.append("503")

    asking = [threading.Thread(target=ask) for _ in range(20)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(30)
    assert len(answers) == 20
    assert set(answers) <= {1, "503"}
    assert len(ids(tail)) == 1
