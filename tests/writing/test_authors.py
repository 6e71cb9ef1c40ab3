"""The keys that stand for authors change in time: nobody gets away by that, and nothing is left that could tell."""

import threading
import time
from ipaddress import ip_address

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments.callers import addresses
from comments.models import AuthorSecret, Ban, Comment, Report, StreamClock
from comments.stream.clock import writing
from comments.stream.record import Act
from comments.writing import authors
from comments.writing.bans import ban_author
from comments.writing.forgetting import forget_old_authors
from tests.support.cast import VISITOR, author_key, everything_stored

HELLO = {"text": "Hello", "username": "Ada"}
NEIGHBOUR = "203.0.113.9"

pytestmark = pytest.mark.django_db


@pytest.fixture
def days_pass(time_passes):
    """With the daily work at their end: `days_pass(31)`."""

    def days_pass(days: float) -> None:
        time_passes(days=days)
        forget_old_authors()

    return days_pass


def secrets() -> list[int]:
    return list(AuthorSecret.objects.order_by("number").values_list("number", flat=True))


def test_an_author_has_one_key_for_as_long_as_the_secret_lasts_and_then_another(post, days_pass):
    keys = [post().author_key, post().author_key]
    days_pass(29)
    keys.append(post().author_key)
    days_pass(2)
    keys += [post().author_key, post().author_key]
    assert keys[0] == keys[1] == keys[2] != keys[3] == keys[4]
    assert {len(key) for key in keys} == {32}


def test_another_network_never_has_it(post, days_pass):
    keys = set()
    for _ in range(3):
        keys |= {post().author_key, post(address=NEIGHBOUR).author_key}
        days_pass(31)
    assert len(keys) == 6


@pytest.mark.parametrize("length", ["30d", "good"])
def test_a_running_ban_holds_however_often_the_secret_changes(length, api, post, days_pass, settings):
    settings.AUTHOR_KEY_DAYS = 7
    comment = post()
    post(address=NEIGHBOUR)
    ban_author(comment, length, Act("mo"))
    for _ in range(4):
        days_pass(7.1)
        assert api.post(HELLO).json()["code"] == "banned"
        assert api.post(HELLO, address=NEIGHBOUR).status_code == 201


def test_of_two_bans_under_two_keys_the_longer_one_is_told(api, post, days_pass):
    before = post()
    days_pass(31)
    after = post()
    ban_author(before, "1d", Act("mo"))
    ban_author(after, "10m", Act("mo"))
    longer = Ban.objects.get(comment_id=before.pk).until
    assert api.post(HELLO).json()["until"] == int(longer.timestamp() * 1000)
    ban_author(after, "good", Act("mo"))
    assert api.post(HELLO).json()["until"] is None


def change_the_secret() -> None:
    authors.rotate_secrets([], time.time_ns() // 1000 + 31 * authors.DAY_US)
    assert len(secrets()) == 2


def test_a_limit_holds_across_the_change(api, settings):
    settings.POSTS_PER_MINUTE = settings.POSTS_PER_BURST = 3
    statuses = [api.post(HELLO).status_code for _ in range(2)]
    change_the_secret()
    statuses += [api.post(HELLO).status_code for _ in range(2)]
    assert statuses == [201, 201, 201, 429]


def test_a_retry_and_a_second_report_are_known_across_the_change(api, post):
    id, other = "1759244943773-z4timztmx", post(address=NEIGHBOUR)
    api.post(HELLO | {"id": id})
    api.post({"reason": "spam"}, f"/api/comments/{other.pk}/report")
    change_the_secret()
    assert api.post(HELLO | {"id": id}).status_code == 200
    assert api.post(HELLO | {"id": id}, address=NEIGHBOUR).status_code == 409
    api.post({"reason": "spam"}, f"/api/comments/{other.pk}/report")
    assert Report.objects.count() == 1


def test_what_is_stored_after_two_terms_tells_of_nobody_not_even_to_who_has_the_secret_of_the_settings(
    post, days_pass
):
    comment = post("who wrote this?")
    old = AuthorSecret.objects.get()
    days_pass(31)
    assert secrets() == [1, 2]
    days_pass(31)
    assert secrets() == [2, 3]
    dump = everything_stored()
    assert "who wrote this?" in dump
    assert old.secret not in dump
    assert configured.AUTHOR_KEY_SECRET not in dump
    assert comment.author_key not in dump
    # Whoever tries out all networks under all that is left finds none that has written it.
    stored = Comment.objects.get().author_key
    tried = [secret.key_of(ip_address(VISITOR)) for secret in AuthorSecret.objects.all()]
    assert stored not in [*tried, addresses.author_key(ip_address(VISITOR))]


def test_the_secret_of_a_ban_goes_with_the_ban(post, days_pass):
    ban = ban_author(post(), "good", Act("mo"))
    days_pass(31), days_pass(31), days_pass(31)
    assert secrets() == [1, 3, 4]
    ban.delete()
    days_pass(1)
    assert secrets() == [3, 4]


def test_zero_days_change_nothing(post, days_pass, settings):
    settings.AUTHOR_KEY_DAYS = 0
    key = post().author_key
    days_pass(1000)
    assert (post().author_key, secrets()) == (key, [1])


def test_it_is_done_once_in_a_day_however_many_processes_do_it(post, days_pass):
    post()
    days_pass(31), days_pass(0), days_pass(0)
    assert secrets() == [1, 2]


def test_a_site_without_posts_has_no_secret_to_change(days_pass):
    days_pass(31)
    assert (secrets(), StreamClock.now().rotated) == ([], 0)


def test_another_process_learns_of_the_change_with_its_next_post(post, days_pass):
    post()
    known = authors.Known.now
    days_pass(31)
    key = post().author_key
    authors.Known.now = known  # as a process has it that has not posted since
    assert post().author_key == key


def test_secrets_that_were_taken_back_are_not_known_any_more():
    class Back(Exception):
        pass

    def attempt() -> list[str]:
        keys = []
        with pytest.raises(Back), writing() as clock:
            keys += authors.keys_of(ip_address(VISITOR), clock)
            raise Back
        return keys

    assert attempt() != attempt()
    assert author_key(VISITOR) == author_key(VISITOR)


def test_a_post_asks_for_the_secrets_only_when_they_have_changed(post):
    post()
    with CaptureQueriesContext(connection) as queries:
        post()
    assert [query for query in queries.captured_queries if "authorsecret" in query["sql"]] == []


@pytest.mark.django_db(transaction=True)
def test_writers_that_begin_at_once_agree_on_the_first_secret(no_limits):
    keys, start = [], threading.Barrier(4)

    def begin() -> None:
        start.wait()
        keys.append(author_key(VISITOR))
        connection.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(set(keys)) == 1
    assert secrets() == [1]
