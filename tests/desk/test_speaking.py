"""What moderators say: with a badge that cannot be typed, and above the stream for a time."""

import html
import re
import time

import pytest
from django.test import Client

from comments.api import reads
from comments.desk import again
from comments.history import exporting, importing
from comments.models import Comment, Record, State, StreamClock
from comments.reading.tail import tail
from comments.wire.entry import change_list
from comments.wire.params import ChangesParams
from comments.writing import announcing
from tests.support.cast import VISITOR

pytestmark = pytest.mark.django_db

SPEAK, ACT = "/admin/speak/", "/admin/act/"
MINUTE_MS = 60_000


def say(desk, text="Please be kind.", **fields):
    return desk.post(ACT, {"do": "speak", "username": "Moderator", "text": text} | fields, follow=True)


def announce(desk, text="Back in an hour.", lasts="1h"):
    return desk.post(ACT, {"do": "announce", "announcement": text, "lasts": lasts}, follow=True)


# As the staff


def test_a_moderator_says_something_with_a_badge_and_on_the_record(desk, api, changes):
    page = say(desk)
    assert page.redirect_chain == [("/admin/", 303)]
    assert "Said." in page.text
    [comment] = api.get("/api/comments").json()["comments"]
    assert (comment["text"], comment["username"], comment["staff"]) == ("Please be kind.", "Moderator", True)
    assert changes()["changes"][0]["staff"] is True
    assert '<strong class="comment__staff">Staff</strong>' in Client().get("/").text
    assert Record.objects.values_list("who", "verb", "comment_id").get() == ("mo", "speak", comment["id"])


def test_it_is_nobodys_network_and_no_visitors_limit(desk, settings):
    settings.POSTS_PER_MINUTE = settings.POSTS_PER_BURST = 1
    settings.HOLD_COMMENTS = True
    for number in range(3):
        say(desk, f"word {number}")
    assert [(row.author_key, row.state) for row in Comment.objects.all()] == [("", State.VISIBLE)] * 3


@pytest.mark.parametrize("claim", [True, "true", 1, "Staff"])
def test_no_visitor_and_no_bot_can_claim_the_badge(claim, api, bot_token):
    body = {"text": "I am staff", "username": "Staff", "staff": claim, "isStaff": claim}
    assert api.post(body).json()["staff"] is False
    assert api.post(body | {"message-type": "AI"}, authorization=f"Bearer {bot_token}").json()["staff"] is False
    form = "text=I+am+staff&username=Staff&id=&staff=true"
    Client().post("/", form, "application/x-www-form-urlencoded", REMOTE_ADDR=VISITOR)
    assert Comment.objects.count() == 3
    assert '<strong class="comment__staff">Staff</strong>' not in Client().get("/").text
    assert not Comment.objects.filter(staff=True).exists()


def test_a_visitor_who_takes_the_name_and_colour_stands_under_a_name_of_his_own(desk, post):
    said = say(desk) and Comment.objects.get()
    post("so do as I say", said.username, color=said.color)
    stream = Client().get("/").text.split('id="outbox"')[0]
    assert "comment--continued" not in stream
    say(desk, "and again")
    say(desk, "and once more")
    assert Client().get("/").text.split('id="outbox"')[0].count("comment--continued") == 1


def test_a_second_click_says_it_once_and_another_text_is_not_lost(desk):
    [id] = re.findall(r'name="id" value="([^"]+)"', desk.get(SPEAK).text)
    say(desk, id=id), say(desk, id=id)
    assert Comment.objects.count() == 1
    page = say(desk, "another text", id=id)
    assert page.status_code == 409
    assert "another text" in page.text
    assert f'value="{id}"' not in page.text  # with a new key, so that it can be sent


def test_a_visitor_cannot_take_the_id_of_what_the_staff_has_said(desk, api):
    say(desk, id="from-the-desk")
    assert api.post({"id": "from-the-desk", "text": "Please be kind.", "username": "Moderator"}).status_code == 409


def test_what_a_visitor_has_said_under_an_id_is_not_taken_for_what_the_staff_says_under_it(desk, api):
    say(desk, id="from-the-desk")
    [said] = api.get("/api/comments").json()["comments"]
    Comment.objects.hide()
    words = {name: said[name] for name in ("text", "username", "color", "domain", "language")}
    assert api.post({"id": "a-visitors", **words}).status_code == 201
    assert say(desk, id="a-visitors").status_code == 409
    assert [row.staff for row in Comment.objects.visible()] == [False]


def test_a_comment_is_answered_from_its_page(desk, post, api):
    comment = post("is anybody there?", "Ada")
    [address] = re.findall(r'href="(/admin/speak/[^"]+)"', desk.get(f"/admin/comment/{comment.pk}/").text)
    page = desk.get(html.unescape(address)).text
    assert "is anybody there?" in page
    say(desk, "yes", reply_to=re.search(r'name="reply_to" value="([^"]+)"', page)[1])
    assert api.get("/api/comments").json()["comments"][-1]["replyTo"] == comment.pk


def test_what_was_said_can_be_undone(desk, api):
    page = say(desk)
    [act] = re.findall(r'value="(undo:one:\w+)"', page.text)
    assert "Said: 1" in page.text
    assert "Undone: 1." in desk.post(ACT, {"do": act}, follow=True).text
    assert api.get("/api/comments").json()["comments"] == []
    assert Comment.objects.get().state == State.HIDDEN


@pytest.mark.parametrize(
    "fields",
    [
        *({"text": ""}, {"text": "x" * 1001}, {"text": "a\0"}),
        *({"username": ""}, {"username": "x" * 17}, {"id": "a b"}, {"reply_to": "nobody"}),
    ],
    ids=str,
)
def test_what_cannot_be_said_is_shown_again_with_the_reason(fields, desk):
    page = say(desk, **{"text": "some words"} | fields)
    assert page.status_code == 422
    assert re.search(r'role="alert">[A-Z]', page.text)
    assert fields.get("text", "some words").replace("\0", "") in page.text
    assert not Comment.objects.exists()


def test_it_survives_a_backup(desk, post):
    say(desk)
    post("a visitor's")
    lines = list(exporting.lines())
    assert [line.get("staff") for line in lines] == [True, None]
    assert [importing.LineReader().comment(line).staff for line in lines] == [True, False]


def test_what_was_to_be_said_without_a_sign_in_waits(moderator):
    answer = Client().post(ACT, {"do": "speak", "username": "Moderator", "text": "Please be kind."})
    assert answer["Location"].startswith("/admin/login/")
    assert again.in_words([("do", "speak"), ("text", "Please be kind.")]) == "say “Please be kind.”"
    assert not Comment.objects.exists()


# Above the stream


def announced_to(api, after: int) -> object:
    """What the change feed tells a reader at this cursor of the announcement; "nothing" if it does not speak of it."""
    return api.get(f"/api/changes?after={after}").json().get("announcement", "nothing")


def test_an_announcement_reaches_each_reader_once_by_every_way(desk, api, post):
    post("before it")
    before = StreamClock.now().version
    assert "It stands above the stream now." in announce(desk).text
    told = announced_to(api, before)
    assert told["text"] == "Back in an hour."
    assert abs(told["until"] - time.time_ns() // 1_000_000 - 60 * MINUTE_MS) < MINUTE_MS
    assert announced_to(api, 0) == told
    assert api.get("/api/comments").json()["announcement"] == told
    assert api.get("/api/comments?fresh=true&limit=1").json()["announcement"] == told
    assert announced_to(api, StreamClock.now().version) == "nothing"
    assert "Back in an hour." in Client().get("/").text
    assert Record.objects.values_list("who", "verb", "note").get() == ("mo", "announce", "Back in an hour.")


def test_a_reader_far_behind_is_told_when_it_has_come_so_far(desk, api, post):
    first = post("one").version
    announce(desk)
    for number in range(3):
        post(f"word {number}")
    cursor, told = first - 1, []
    while (page := api.get(f"/api/changes?after={cursor}&limit=1").json()) and page["cursor"] != cursor:
        told.append(page.get("announcement", "nothing"))
        cursor = page["cursor"]
    assert [one == "nothing" for one in told].count(False) == 1
    tail.forget()


def test_bots_and_rooms_are_told_too(desk, api, bot_token, post):
    before = post("a word", domain="news").version
    announce(desk)
    for question in (f"after={before}&domain=news", f"after={before}&domain=other", f"after={before}&type=AI"):
        assert announced_to(api, question.removeprefix("after="))["text"] == "Back in an hour.", question
    answer = api.get(f"/api/changes?after={before}", authorization=f"Bearer {bot_token}").json()
    assert answer["announcement"]["text"] == "Back in an hour."


def test_whoever_waits_is_woken_by_an_announcement_and_by_its_end(desk, post, monkeypatch):
    woken = []
    monkeypatch.setattr(tail, "on_news", woken.append)
    post()
    for happens in (lambda: announce(desk), lambda: desk.post(ACT, {"do": "unpin"})):
        before = StreamClock.now().version
        params = ChangesParams.of(f"after={before}&wait=25")
        assert not reads.from_tail(params, tail.fresh().result()).is_news
        woken.clear()
        happens()
        assert reads.from_tail(params, tail.fresh().result()).is_news
        assert woken == [True]  # everybody, and not bots alone


def test_it_ends_by_hand(desk, api):
    announce(desk)
    cursor = StreamClock.now().version
    assert "End it now" in desk.get(SPEAK).text
    assert "has ended" in desk.post(ACT, {"do": "unpin"}, follow=True).text
    assert announced_to(api, cursor) is None
    assert "announcement" not in api.get("/api/comments").json()
    assert "Back in an hour." not in Client().get("/").text
    assert "any more" in desk.post(ACT, {"do": "unpin"}, follow=True).text
    assert (StreamClock.now().announcement, StreamClock.now().announced_until) == ("", 0)
    assert list(Record.objects.values_list("verb", "comment_id", "before").order_by("at")) == [
        ("announce", "", ""),
        ("unpin", "", ""),
    ]


def test_it_ends_by_itself(desk, api, monkeypatch):
    announce(desk, lasts="10m")
    before = StreamClock.now().announced - 1
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 601 * 10**9)
    tail.forget()
    assert announced_to(api, before) is None
    assert "announcement" not in api.get("/api/comments").json()
    assert "Back in an hour." not in Client().get("/").text
    assert "End it now" not in desk.get(SPEAK).text


def test_another_takes_its_place(desk, api):
    announce(desk)
    announce(desk, "We are back.", lasts="1d")
    assert announced_to(api, 0)["text"] == "We are back."
    assert StreamClock.objects.count() == 1


def test_an_idle_poll_stays_one_query_and_small_while_something_is_announced(desk, api, django_assert_num_queries):
    announce(desk, "x" * announcing.MAX_TEXT)
    cursor = StreamClock.now().version
    api.get(f"/api/changes?after={cursor}")
    with django_assert_num_queries(1):
        idle = api.get(f"/api/changes?after={cursor}")
    assert idle.content == change_list(cursor, cursor, [], False)
    assert len(idle.content) < 110


@pytest.mark.parametrize(
    ("text", "lasts"), [("", "1h"), ("x" * 301, "1h"), ("a\0", "1h"), ("words", "2y"), ("words", "")], ids=str
)
def test_an_announcement_that_makes_no_sense_is_refused_and_not_lost(text, lasts, desk):
    page = announce(desk, text, lasts)
    assert page.status_code == 422
    assert text.replace("\0", "") in page.text
    assert not StreamClock.now().announcement


def test_it_is_only_text_to_the_page(desk):
    announce(desk, "<img src=x> https://example.org")
    page = Client().get("/").text
    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page
    assert 'href="https://example.org"' in page
