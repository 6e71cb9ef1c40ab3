"""Bans and time-outs: who may not post, until when, and what they are told."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Ban, Comment, Record
from comments.stream.record import Act
from comments.writing import authors
from comments.writing.bans import FOR_GOOD, LENGTHS, ban_author, lift
from tests.support.cast import BANNED_VISITOR, VISITOR, author_key

HELLO = {"text": "Hello", "username": "Ada"}
BY_MO = Act("mo", reason="spam")

pytestmark = pytest.mark.django_db


def ban(comment: Comment, length: str, act: Act = BY_MO) -> Ban:
    return ban_author(comment, length, act)


@pytest.mark.parametrize("length", LENGTHS)
def test_who_is_banned_is_told_why_and_until_when(length, api, post):
    until = ban(post(), length).until
    answer = api.post(HELLO)
    assert (answer.status_code, answer.json()["code"]) == (403, "banned")
    assert "spam" in answer.json()["error"]
    if length == FOR_GOOD:
        assert (until, answer.json()["until"]) == (None, None)
        return
    assert abs(until - timezone.now() - LENGTHS[length]) < timedelta(minutes=1)
    assert answer.json()["until"] == int(until.timestamp() * 1000)
    assert f"until {until:%d %B %Y, %H:%M} UTC" in answer.json()["error"]


def test_the_page_says_so_too(client, post):
    ban(post(), "1h")
    form = "application/x-www-form-urlencoded"
    page = client.post("/", "text=Hello&username=Ada&id=", form, REMOTE_ADDR=VISITOR)
    assert page.status_code == 403
    assert "suspended posting from your network until" in page.text


def test_a_ban_ends_by_itself(api, post):
    running = ban(post(), "10m")
    assert api.post(HELLO).status_code == 403
    running.until = timezone.now() - timedelta(seconds=1)
    running.save()
    assert api.post(HELLO).status_code == 201


@pytest.mark.parametrize(
    ("first", "then", "lasts"), [("1d", "10m", "1d"), ("10m", "1d", "1d"), ("good", "1d", "good")]
)
def test_a_ban_is_made_longer_and_never_shorter(first, then, lasts, post):
    comment = post()
    ban(comment, first), ban(comment, then)
    until = Ban.objects.get().until
    assert until is None if lasts == FOR_GOOD else until - timezone.now() > LENGTHS[lasts] - timedelta(minutes=1)


@pytest.mark.parametrize(("of_old", "of_new"), [("1h", "1d"), ("1d", "1h"), ("1d", FOR_GOOD), (FOR_GOOD, "1d")])
def test_who_is_banned_under_several_keys_is_told_of_the_longest(of_old, of_new, api, post):
    old = post()
    authors.rotate_secrets([], time.time_ns() // 1000 + 31 * authors.DAY_US)
    new = post()
    assert new.author_key != old.author_key
    ban(old, of_old), ban(new, of_new)
    until = api.post(HELLO).json()["until"]
    if FOR_GOOD in (of_old, of_new):
        assert until is None
    else:
        assert until > (time.time() + 3600 * 2) * 1000


def test_a_ban_that_is_over_makes_place_for_a_new_one(api, post):
    over = ban(post(), FOR_GOOD)
    over.until = timezone.now() - timedelta(days=1)
    over.save()
    ban(Comment.objects.get(), "10m")
    assert api.post(HELLO).status_code == 403


def test_it_stands_in_the_record_whom_whose_words_and_for_what(post):
    comment = post()
    made = ban(comment, "1d")
    assert (made.comment_id, made.who, made.reason, made.act) == (comment.pk, "mo", "spam", BY_MO.id)
    assert lift(Ban.objects.all(), Act("anna")) == 1
    found = list(Record.objects.order_by("at").values_list("comment_id", "verb", "who", "reason"))
    assert found == [(comment.pk, "ban", "mo", "spam"), (comment.pk, "lift", "anna", "")]


def test_a_lifted_ban_is_over(api, post):
    ban(post(), FOR_GOOD)
    lift(Ban.objects.all(), BY_MO)
    assert api.post(HELLO).status_code == 201


def test_only_the_author_s_network_is_banned_and_its_whole_64(api, post):
    ban(post(address="2001:db8:0:1::5"), "1h")
    assert api.post(HELLO, address="2001:db8:0:1:ffff::9").status_code == 403
    assert api.post(HELLO, address="2001:db8:0:2::5").status_code == 201


def test_R53_nothing_a_client_can_write_gets_it_past_a_ban(api, banned_visitor):
    for headers in ({"x_forwarded_for": VISITOR}, {"origin": "https://a.example"}, {"cookie": "sessionid=x"}):
        assert api.post(HELLO, address=BANNED_VISITOR, **headers).json()["code"] == "banned"


def test_a_ban_never_shows_the_key(banned_visitor):
    assert author_key(BANNED_VISITOR) not in str(Ban.objects.get())
