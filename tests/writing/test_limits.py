"""How much one network may post."""

import pytest

from comments.errors import Refused
from comments.models import Comment, StreamClock
from comments.writing import limits

HELLO = {"text": "Hello", "username": "Ada"}

pytestmark = pytest.mark.django_db


def statuses(api, count: int, **more) -> list[int]:
    return [api.post({**HELLO, **more}).status_code for _ in range(count)]


def test_the_eleventh_post_in_a_minute_is_refused_and_told_when_to_come_back(api, settings, time_passes):
    settings.POSTS_PER_BURST = 100
    assert statuses(api, 10) == [201] * 10
    time_passes(seconds=20)
    refused = api.post(HELLO)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 38 <= int(refused["Retry-After"]) <= 40
    assert refused["Retry-After"] in refused.json()["error"]
    time_passes(seconds=int(refused["Retry-After"]))
    assert api.post(HELLO).status_code == 201


def test_a_burst_is_refused_and_over_in_seconds(api, time_passes):
    assert statuses(api, 6) == [201] * 5 + [429]
    refused = api.post(HELLO)
    assert 1 <= int(refused["Retry-After"]) <= 5
    time_passes(seconds=int(refused["Retry-After"]))
    assert statuses(api, 5) == [201] * 5


def test_one_visitor_does_not_use_up_the_limit_of_another(api):
    statuses(api, 6)
    assert api.post(HELLO, address="203.0.113.2").status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://saywhatwant.app"},
        {"x_forwarded_for": "198.51.100.9"},
        {"x_real_ip": "198.51.100.9"},
        {"forwarded": "for=198.51.100.9"},
        {"cf_connecting_ip": "198.51.100.9"},
        {"user_agent": "PM2"},
        {"referer": "http://localhost/"},
        {"cookie": "sessionid=x"},
    ],
)
def test_R53_nothing_a_client_can_write_gets_it_past_the_limit(api, headers):
    statuses(api, 5)
    assert api.post(HELLO, **headers).status_code == 429


def test_R53_neither_does_another_domain_name_or_id_in_the_body(api):
    statuses(api, 5)
    for field in ({"domain": "other.example"}, {"username": "Eve"}, {"id": "some-new-id"}, {"message-type": "human"}):
        assert api.post({**HELLO, **field}).status_code == 429


def test_a_bot_has_limits_of_its_own_and_shares_them_with_no_address(api, make_bot, time_passes):
    _, token = make_bot("echo", posts_per_minute=60)
    as_bot = {"authorization": f"Bearer {token}"}
    posts = [api.post(HELLO, address=f"203.0.113.{n}", **as_bot).status_code for n in range(12)]
    assert posts == [201] * 10 + [429] * 2
    time_passes(seconds=6)
    again = api.post(HELLO, **as_bot)
    assert (again.status_code, again["RateLimit-Policy"]) == (201, "60;w=60, 10;w=5")
    assert api.post(HELLO, address="203.0.113.3").status_code == 201


def test_held_and_hidden_comments_count_as_posts(api, settings):
    settings.HOLD_COMMENTS = True
    assert statuses(api, 3) == [202] * 3
    settings.HOLD_COMMENTS = False
    assert statuses(api, 2) == [201] * 2
    Comment.objects.all().hide()
    assert api.post(HELLO).status_code == 429


def test_a_moderator_who_hides_old_comments_does_not_use_up_their_authors_limit(api, time_passes):
    statuses(api, 5)
    time_passes(minutes=5)
    Comment.objects.all().hide()
    assert statuses(api, 5) == [201] * 5


def test_each_post_tells_what_is_left_in_the_words_of_the_draft(api, settings, time_passes):
    settings.POSTS_PER_MINUTE, settings.POSTS_PER_BURST = 4, 3
    seen = [told(api.post({"text": "Hi", "username": "Ada"})) for _ in range(4)]
    assert [(limit, remaining) for limit, remaining, _ in seen] == [("3", "2"), ("3", "1"), ("3", "0"), ("3", "0")]
    assert all(1 <= int(reset) <= 5 for _, _, reset in seen)
    time_passes(seconds=6)
    limit, remaining, reset = told(api.post({"text": "Hi", "username": "Ada"}))
    assert (limit, remaining) == ("4", "0")
    assert 50 <= int(reset) <= 54


def told(response) -> tuple[str, str, str]:
    assert response["RateLimit-Policy"] == "4;w=60, 3;w=5"
    exposed = response["Access-Control-Expose-Headers"].split(", ")
    names = [f"RateLimit-{name}" for name in ("Limit", "Remaining", "Reset")]
    assert {*names, "RateLimit-Policy"} <= set(exposed)
    assert ("Retry-After" in exposed) == (response.status_code == 429)
    return tuple(response[name] for name in names)


@pytest.mark.parametrize(
    ("later_ms", "wait"), [(0, 60), (1, 60), (1000, 59), (59_000, 1), (59_999, 1), (60_000, None)]
)
def test_R70_bots_are_told_to_the_second_when_all_together_may_post_again(api, bot_token, settings, later_ms, wait):
    settings.BOT_POSTS_PER_MINUTE = 2
    bot = {"authorization": f"Bearer {bot_token}"}
    first, _ = (api.post(HELLO, **bot).json()["timestamp"] for _ in range(2))
    clock = StreamClock.now()
    clock.wall = (first + later_ms) * 1000
    if wait is None:
        return limits.refuse_crowd_of_bots(clock)
    with pytest.raises(Refused) as refused:
        limits.refuse_crowd_of_bots(clock)
    assert (refused.value.code, refused.value.retry_after) == ("bots_rate_limited", wait)


@pytest.mark.parametrize(("later_ms", "reset"), [(0, 60), (1, 60), (1000, 59), (58_999, 2), (59_000, 1), (59_999, 1)])
def test_a_limit_says_to_the_second_when_it_lets_another_through(post, settings, later_ms, reset):
    settings.POSTS_PER_MINUTE = 1
    comment, clock = post(), StreamClock.now()
    clock.wall = (comment.wall // 1000 + later_ms) * 1000
    with pytest.raises(Refused) as refused:
        limits.refuse_flood([comment.author_key], clock, ((1, limits.MINUTE_MS),))
    assert (refused.value.retry_after, refused.value.headers["RateLimit-Reset"]) == (reset, str(reset))
    for window_ms in (10_000, limits.MINUTE_MS):
        clock.wall = (comment.wall // 1000 + window_ms) * 1000
        assert limits.refuse_flood([comment.author_key], clock, ((1, window_ms),)).remaining == 0
