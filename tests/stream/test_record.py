"""The record: who did what to which comment. It is written with the change, and never changes itself."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments.models import Comment, Record, State
from comments.stream import queryset
from comments.stream.clock import StreamClock
from comments.stream.record import Act

pytestmark = pytest.mark.django_db

BY_MO = Act("mo", reason="spam", note="the third time")


def recorded(**where) -> list[tuple]:
    records = Record.objects.filter(**where).order_by("at")
    return list(records.values_list("comment_id", "verb", "before", "who", "reason", "note"))


def test_each_verb_says_who_did_what_to_which_comment_and_why(post, held):
    comment, waiting = post(), held()
    for verb in ("hide", "restore", "hold", "release", "erase"):
        assert getattr(Comment.objects.filter(pk=comment.pk), verb)(BY_MO) == [comment.pk]
    Comment.objects.filter(pk=waiting.pk).hide(Act("anna"))
    why = ("mo", "spam", "the third time")
    assert recorded(comment_id=comment.pk) == [
        (comment.pk, "hide", State.VISIBLE, *why),
        (comment.pk, "restore", State.HIDDEN, *why),
        (comment.pk, "hold", State.VISIBLE, *why),
        (comment.pk, "release", State.HELD, *why),
        (comment.pk, "erase", State.VISIBLE, *why),
    ]
    assert recorded(comment_id=waiting.pk) == [(waiting.pk, "hide", State.HELD, "anna", "", "")]


def test_a_record_is_of_the_moment_of_its_change(post):
    comments = [post() for _ in range(3)]
    Comment.objects.hide(BY_MO)
    assert dict(Record.objects.values_list("comment_id", "at")) == dict(Comment.objects.values_list("pk", "version"))
    assert {record.act for record in Record.objects.all()} == {BY_MO.id}
    assert len(comments) == Record.objects.count()


def test_what_changes_nothing_is_not_recorded(post):
    post()
    Comment.objects.hide(BY_MO)
    Comment.objects.hide(BY_MO)
    Comment.objects.release(BY_MO)
    assert Record.objects.count() == 1


def test_a_change_that_fails_is_not_recorded_and_a_record_that_fails_changes_nothing(post, monkeypatch):
    comment, before = post(), StreamClock.now().version
    monkeypatch.setattr(type(Record.objects.all()), "add", lambda self, records: next(iter(records)).no_such_thing)
    with pytest.raises(AttributeError):
        Comment.objects.hide(BY_MO)
    assert (Comment.objects.get().state, StreamClock.now().version) == (State.VISIBLE, before)
    assert comment.pk == Comment.objects.get().pk


def test_many_are_changed_and_recorded_by_as_many_statements_as_few(post):
    def statements(count: int) -> int:
        ids = [post().pk for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            assert len(Comment.objects.filter(pk__in=ids).hide(BY_MO)) == count
        return len(queries)

    assert statements(100) == statements(1)


def test_a_filter_is_looked_at_again_under_the_lock(post, monkeypatch):
    """Whoever was released from it between two batches is left alone."""
    monkeypatch.setattr(queryset, "BATCH", 2)
    comments = [post(str(number)) for number in range(5)]
    bound = StreamClock.now().version

    def meanwhile() -> None:
        Comment.objects.filter(pk=comments[4].pk).hide()
        Comment.objects.filter(pk=comments[4].pk).restore()

    monkeypatch.setattr(queryset, "let_others_write", meanwhile)
    changed = Comment.objects.filter(version__lte=bound).hide(BY_MO)
    assert changed == [comment.pk for comment in comments[:4]]


def test_between_two_batches_others_have_their_turn(post, monkeypatch):
    monkeypatch.setattr(queryset, "BATCH", 3)
    turns = []
    monkeypatch.setattr(queryset, "let_others_write", lambda: turns.append(Comment.objects.visible().count()))
    for _ in range(8):
        post()
    Comment.objects.hide(BY_MO)
    assert turns == [5, 2]


def test_what_was_seen_keeps_its_place_when_it_is_held_and_released(post):
    first, _ = post("first"), post("second")
    Comment.objects.filter(pk=first.pk).hold(BY_MO)
    assert not Comment.objects.visible().filter(pk=first.pk).exists()
    Comment.objects.filter(pk=first.pk).release(BY_MO)
    assert Comment.objects.get(pk=first.pk).timestamp == first.timestamp


CLOSED = {
    "save": lambda record: record.save(),
    "delete": lambda record: record.delete(),
    "create": lambda record: Record.objects.create(comment_id="x", at=1),
    "update": lambda record: Record.objects.update(who="anna"),
    "delete of all": lambda record: Record.objects.all().delete(),
    "bulk_create": lambda record: Record.objects.bulk_create([Record(at=1)]),
    "bulk_update": lambda record: Record.objects.bulk_update([record], ["who"]),
}


@pytest.mark.parametrize("door", CLOSED.values(), ids=CLOSED.keys())
def test_the_record_only_grows(door, post):
    post()
    Comment.objects.hide(BY_MO)
    before = list(Record.objects.values())
    with pytest.raises(TypeError):
        door(Record.objects.get())
    assert list(Record.objects.values()) == before


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a\n2026-01-01 ERROR forged", "a 2026-01-01 ERROR forged"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("turned \u202eround", "turned round"),
        ("one\u2028two\u0085three\ttabs", "one two three tabs"),
        ("nul\0", "nul"),
        ("lone \ud800", "lone"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_nobody_forges_a_line_of_the_record(written, kept, post):
    post()
    Comment.objects.hide(Act(written, written, written))
    record = Record.objects.get()
    assert (record.who, record.reason, record.note) == (kept[:150], kept[:40], kept)


def test_R62_the_record_never_holds_words(post):
    post("the secret", "Mallory", misc="the secret", context=["the secret"])
    Comment.objects.hide(BY_MO)
    Comment.objects.erase(BY_MO)
    dump = repr(list(Record.objects.values())) + repr([str(record) for record in Record.objects.all()])
    assert "secret" not in dump
    assert "Mallory" not in dump
