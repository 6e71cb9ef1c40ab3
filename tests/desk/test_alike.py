"""Those who say the same again and again, by their words: chosen from one of them, as it was shown."""

import html
import re

import pytest

from comments.desk import choice
from comments.models import Comment, State
from comments.reading import alike
from comments.reading.alike import Sample, alike_to
from comments.stream.clock import StreamClock
from comments.stream.queryset import CommentQuerySet
from tests.desk.test_desk import act, confirmed, said

pytestmark = pytest.mark.django_db

SPAM = "BUY FOLLOWERS at http://followers.example/1 now!"


@pytest.mark.parametrize(
    "text",
    [
        SPAM,
        "buy followers at http://followers.example/22 NOW",
        "B U Y   F O L L O W E R S at http://followers.example/1",
        "ＢＵＹ ＦＯＬＬＯＷＥＲＳ at http://followers.example/7 now",
        "!!! BUY >>FOLLOWERS<< at http://followers.example now 12345",
        "BUY many FOLLOWERS at http://followers.example/1 today",
    ],
)
def test_what_says_about_the_same_is_alike(text, post):
    comment, other = post(SPAM), post(text, "somebody else", address="203.0.113.77")
    assert set(alike_to(comment.pk)) == set(alike_to(other.pk)) == {comment.pk, other.pk}


def test_one_short_word_is_like_itself_whatever_stands_around_it(post):
    comment, other = post("buy 1"), post("2 buy")
    assert set(alike_to(comment.pk)) == {comment.pk, other.pk}


@pytest.mark.parametrize(
    "text",
    [
        "Do not buy followers!",
        "followers",
        "what is http://followers.example and why does everybody here talk of it all day long?",
        "good morning",
        "12345",
        "日本語でおk",
    ],
)
def test_what_says_something_else_is_not(text, post):
    comment, other = post(SPAM), post(text)
    assert alike_to(comment.pk) == [comment.pk]
    assert alike_to(other.pk) == [other.pk]


@pytest.mark.parametrize(
    ("text", "other", "is_alike"),
    [
        ("無料フォロワー販売中 今すぐ登録", "無料フォロワー販売中！今すぐ登録する", True),
        ("無料フォロワー販売中 今すぐ登録", "今日はいい天気ですね", False),
        ("👍", "👍", True),
        ("👍", "👎", False),
        ("no", "no", True),
        ("no", "now", False),
        ("42", "43", False),
        ("abcabc", "abc" * 4, True),  # twice as long, and what stands in each stands in the other
        ("abcabc", "abc" * 5, False),
        ("abc" * 4, "abcabc", True),
        ("abc" * 5, "abcabc", False),
        ("купить подписчиков дёшево", "КУПИТЬ подписчиков, дешево 24", True),
    ],
)
def test_in_every_script_and_however_short(text, other, is_alike):
    assert Sample(text.casefold()).is_alike(other.casefold()) == is_alike


def test_names_do_not_count_and_every_state_does(post, held):
    comment = post(SPAM, "one")
    hidden, waiting, erased = post(SPAM, "two"), held(SPAM, "three"), post(SPAM, "four")
    post("good morning", "one")
    Comment.objects.filter(pk=hidden.pk).hide()
    Comment.objects.filter(pk=erased.pk).erase()
    assert set(alike_to(comment.pk)) == {comment.pk, hidden.pk, waiting.pk}
    assert alike_to(erased.pk) == alike_to("nobody") == []


def test_only_the_newest_are_looked_at(post, monkeypatch):
    comments = [post(f"{SPAM} {number}") for number in range(4)]
    monkeypatch.setattr(alike, "LOOKED_AT", 3)
    assert set(alike_to(comments[0].pk)) == {comment.pk for comment in comments[1:]}


# At the desk


def visible() -> list[str]:
    return [row.text for row in Comment.objects.visible().order_by("timestamp")]


def test_one_press_hides_all_that_are_alike_and_undo_brings_them_back(desk, post):
    spam = [post(f"{SPAM} {number}", f"promo{number}", address=f"203.0.113.{number}") for number in range(5)]
    post("good morning")
    page = act(desk, "hide:alike", spam[2])
    assert "Hidden: 5." in said(page)
    assert visible() == ["good morning"]
    [undo] = re.findall(r'value="(undo:one:\w+)"', page.text)
    assert "Undone: 5." in said(desk.post("/admin/act/", {"do": undo}, follow=True))
    assert len(visible()) == 6


def test_what_comes_after_the_page_was_shown_is_not_meant(desk, post):
    first = post(f"{SPAM} 1")
    seen = StreamClock.now().version
    post(f"{SPAM} 2")
    act(desk, "hide:alike", first, seen=seen)
    assert visible() == [f"{SPAM} 2"]


def test_since_narrows_it(desk, post):
    old, new = post(f"{SPAM} old"), post(f"{SPAM} new")
    super(CommentQuerySet, Comment.objects.filter(pk=old.pk)).update(timestamp=1000)
    act(desk, "hide:alike", new, since="1h")
    assert Comment.objects.get(pk=old.pk).state == State.VISIBLE
    assert Comment.objects.get(pk=new.pk).state == State.HIDDEN


def test_more_than_a_hundred_ask_first_and_then_it_is_those(desk, post, monkeypatch):
    monkeypatch.setattr(choice, "AT_ONCE", 3)
    spam = [post(f"{SPAM} {number}") for number in range(5)]
    question = act(desk, "hide:alike", spam[0])
    assert "<strong>5</strong> comments will be hidden" in question.text
    assert len(visible()) == 5
    post(f"{SPAM} later")
    Comment.objects.filter(pk=spam[4].pk).hide()
    assert "Hidden: 4. 1 of the 5 had been changed meanwhile" in said(confirmed(desk, question))
    assert visible() == [f"{SPAM} later"]


def test_a_comments_page_leads_to_all_that_are_alike(desk, post):
    comment = post(f"{SPAM} 1")
    post(f"{SPAM} 2"), post("good morning")
    [way] = re.findall(r'href="([^"]+)">All with alike words', desk.get(f"/admin/comment/{comment.pk}/").text)
    listed = desk.get(html.unescape(way)).text
    assert "With alike words" in listed
    assert "good morning" not in listed
    assert act(desk, "hide:all", comment, alike=comment.pk).status_code == 200
    assert visible() == ["good morning"]


@pytest.mark.parametrize("id", ["nobody", "a b", "x" * 65, "'"])
def test_alike_to_nothing_changes_nothing(id, desk, post):
    post(SPAM)
    desk.get("/admin/", {"alike": id})
    desk.post("/admin/act/", {"do": f"hide:alike:{id}", "seen": StreamClock.now().version}, follow=True)
    assert visible() == [SPAM]
