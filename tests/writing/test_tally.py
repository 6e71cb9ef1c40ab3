"""What moderators did, in numbers, for everybody."""

import re

import pytest

from comments.models import Comment
from comments.stream.record import Act
from comments.writing import tally
from comments.writing.bans import ban_author
from comments.writing.reports import keep

pytestmark = pytest.mark.django_db

BY_MO = Act("mo", "spam", "a private note")


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(tally.Kept, "until", 0.0)


def numbers(api) -> list[dict]:
    answer = api.get("/api/moderation")
    assert answer.status_code == 200
    return answer.json()["days"]


def test_nothing_was_done(api, client):
    assert numbers(api) == []
    assert "Nothing had to be done" in client.get("/moderation").text


def test_each_verb_is_counted_by_the_comments_that_it_changed(api, post, held):
    comments = [post(str(number)) for number in range(4)]
    Comment.objects.hide(BY_MO)
    Comment.objects.filter(pk=comments[0].pk).restore(BY_MO)
    Comment.objects.filter(pk=comments[0].pk).hold(BY_MO)
    Comment.objects.filter(pk=comments[0].pk).release(BY_MO)
    Comment.objects.filter(pk=comments[1].pk).erase(BY_MO)
    ban_author(Comment.objects.get(pk=comments[0].pk), "1d", BY_MO)
    (day,) = numbers(api)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day.pop("day"))
    assert day == {
        "hidden": 4, "restored": 1, "held": 1, "released": 1, "erased": 1, "kept": 0, "bans": 1, "reports": 0,
        "medianSeconds": None,
    }  # fmt: skip


def test_reports_and_how_long_they_waited(api, post, monkeypatch):
    comments = [post(str(number)) for number in range(3)]
    for number, comment in enumerate(comments):
        api.post({"reason": "spam"}, f"/api/comments/{comment.pk}/report", f"198.51.100.{number}")
    keep([comments[0].pk], BY_MO)
    Comment.objects.filter(pk=comments[1].pk).hide(BY_MO)
    (day,) = numbers(api)
    assert (day["reports"], day["kept"], day["medianSeconds"]) == (3, 1, 0)


def test_what_decides_nothing_ends_no_waiting(api, post):
    comment = post()
    api.post({"reason": "spam"}, f"/api/comments/{comment.pk}/report")
    Comment.objects.filter(pk=comment.pk).hold(BY_MO)
    (day,) = numbers(api)
    assert (day["reports"], day["held"], day["medianSeconds"]) == (1, 1, None)


def test_days_are_told_apart_and_old_ones_left_out(api, post, monkeypatch):
    post()
    Comment.objects.hide(BY_MO)
    now = tally.time.time_ns
    monkeypatch.setattr(tally.time, "time_ns", lambda: now() + 29 * tally.DAY_US * 1000)
    assert len(numbers(api)) == 1
    monkeypatch.setattr(tally.Kept, "until", 0.0)
    monkeypatch.setattr(tally.time, "time_ns", lambda: now() + 30 * tally.DAY_US * 1000)
    assert numbers(api) == []


def test_it_holds_counts_only(api, client, post):
    comment = post("the secret", "Mallory")
    Comment.objects.hide(BY_MO)
    told = api.get("/api/moderation").content.decode() + client.get("/moderation").text
    for private in ("secret", "Mallory", 'mo"', "spam", "private", comment.pk, comment.author_key):
        assert private not in told


def test_whoever_asks_often_asks_the_database_once_a_minute(api, post, django_assert_num_queries, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(tally.time, "monotonic", lambda: now[0])
    numbers(api)
    post()
    Comment.objects.hide(BY_MO)
    now[0] += 59
    with django_assert_num_queries(0):
        assert numbers(api) == []
    now[0] += 1
    assert [day["hidden"] for day in numbers(api)] == [1]
