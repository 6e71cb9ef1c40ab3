"""What is not in order is said, what can be put right is, and a stream that is in order is left alone."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from comments.models import Comment, StreamClock, Words
from comments.stream.clock import StreamClock as Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream(post, held):
    """Something in every state."""
    names = ("seen", "hidden", "erased", "seen too")
    comments = {name: post(name) for name in names}
    held("held")
    Comment.objects.filter(pk=comments["hidden"].pk).hide()
    Comment.objects.filter(pk=comments["erased"].pk).erase()
    return comments


def check(*arguments: str) -> tuple[bool, str]:
    said = io.StringIO()
    try:
        call_command("check_stream", *arguments, stdout=said, stderr=said)
    except CommandError:
        return False, said.getvalue()
    return True, said.getvalue()


def change(rows, **values) -> None:
    """As only a fault could."""
    models.QuerySet.update(rows, **values)


def test_a_stream_in_order_is_said_to_be(stream):
    assert check() == (True, "The stream is in order.\n")


REPAIRABLE = {
    "the total": (lambda: change(StreamClock.objects.all(), visible_total=7), "2 comments are visible"),
    "the version": (lambda: change(StreamClock.objects.all(), version=Clock.HISTORY_END), "The clock's version is"),
    "the timestamp": (lambda: change(StreamClock.objects.all(), timestamp=5), "The clock's timestamp is 5"),
    "the floor": (lambda: change(StreamClock.objects.all(), floor=2**52), "above the clock"),
    "words of a hidden one": (lambda: Words.objects.filter(words__startswith="hidden").delete(), "1 comments cannot"),
    "words of nobody": (lambda: Words(place=9, comment_id="gone", words="left").save(), "1 comments are gone"),
}


@pytest.mark.parametrize("fault", REPAIRABLE)
def test_what_follows_from_something_else_is_found_and_repaired(stream, fault):
    make, sentence = REPAIRABLE[fault]
    make()
    is_well, said = check()
    assert not is_well and sentence in said and "--repair" in said
    is_well, said = check("--repair")
    assert is_well and "Repaired: " in said
    assert check() == (True, "The stream is in order.\n")


BEYOND = {
    "an unknown state": (lambda rows: change(rows, state="odd"), "1 comments have a state that there is not."),
    "no place": (lambda rows: change(rows, timestamp=None), "1 comments are visible and have no place"),
    "a lost version": (
        lambda rows: change(StreamClock.objects.all(), lost=[[rows.get().version, rows.get().version]]),
        "1 comments have a version that a restore has taken away.",
    ),
}


@pytest.mark.parametrize("fault", BEYOND)
def test_what_nothing_else_tells_is_only_said(stream, fault):
    make, sentence = BEYOND[fault]
    make(Comment.objects.filter(pk=stream["seen"].pk))
    is_well, said = check("--repair")
    assert not is_well and sentence in said


def test_words_of_an_erased_comment_are_found_wherever_they_are(stream):
    erased = Comment.objects.filter(pk=stream["erased"].pk)
    change(erased, text="back again")
    assert "1 comments are erased and still have words." in check()[1]
    change(erased, text="")
    Words(place=stream["erased"].timestamp, comment_id=stream["erased"].pk, words="back again").save()
    assert "1 comments are gone, and their words are still there." in check()[1]
