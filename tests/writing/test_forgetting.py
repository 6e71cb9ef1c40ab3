"""Who wrote what is forgotten in time."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Ban, Comment, Report
from comments.stream import queryset
from comments.stream.clock import StreamClock
from comments.stream.record import Act
from comments.writing.bans import ban_author
from comments.writing.forgetting import forget_old_authors
from tests.support.cast import VISITOR, author_key

pytestmark = pytest.mark.django_db

DAY_SECONDS = 24 * 3600


def test_keys_are_forgotten_after_their_days_and_not_before(post, held, time_passes, settings):
    settings.AUTHOR_KEY_DAYS = 7
    post(), held()
    time_passes(days=6.9)
    assert forget_old_authors() == 0
    assert not Comment.objects.filter(author_key="").exists()
    time_passes(days=0.2)
    assert forget_old_authors() == 2
    assert not Comment.objects.exclude(author_key="").exists()


def test_readers_notice_nothing(post, time_passes, changes):
    post(), post()
    before, cursor = changes(0), StreamClock.now().version
    time_passes(days=31)
    assert forget_old_authors() == 2
    assert (changes(0), StreamClock.now().version) == (before, cursor)


def test_zero_forgets_nothing(post, time_passes, settings):
    settings.AUTHOR_KEY_DAYS = 0
    post()
    time_passes(days=10_000)
    assert forget_old_authors() == 0


def test_what_is_left_says_nothing_of_who_wrote_what(api, post, time_passes):
    comments = [post(), post()]
    api.post({"reason": "spam"}, f"/api/comments/{comments[0].pk}/report")
    Comment.objects.hide(Act("mo"))
    time_passes(days=31)
    forget_old_authors()
    stored = [*Comment.objects.values(), *Report.objects.values(), *Ban.objects.values()]
    assert author_key(VISITOR) not in repr(stored)


def test_a_running_ban_holds_on_and_one_that_is_over_goes(api, post, time_passes):
    ban_author(post(), "good", Act("mo"))
    over = ban_author(post(address="203.0.113.9"), "10m", Act("mo"))
    over.until = timezone.now() - timedelta(seconds=1)
    over.save()
    time_passes(days=31)
    forget_old_authors()
    assert api.post({"text": "x", "username": "y"}).json()["code"] == "banned"
    assert Ban.objects.count() == 1


def test_many_are_forgotten_in_short_transactions(post, time_passes, monkeypatch):
    monkeypatch.setattr(queryset, "BATCH", 2)
    turns = []
    monkeypatch.setattr(queryset, "let_others_write", lambda: turns.append(None))
    for _ in range(5):
        post()
    time_passes(days=31)
    assert forget_old_authors() == 5
    assert len(turns) == 2
    assert (forget_old_authors(), len(turns)) == (0, 2), "who is forgotten was looked at again"


@pytest.mark.slow
def test_a_server_forgets_by_itself(start_server):
    server = start_server()
    key = "'" + "0" * 32 + "'"
    code = (
        "from comments.models import Comment; from comments.history.importing import LineReader, store; "
        "comment = LineReader().comment({'timestamp': 1000, 'username': 'Ada', 'text': 'Hi'}); "
        f"comment.author_key = {key}; store([(1, comment)])"
    )
    server.manage("shell", "-v0", "-c", code)
    server.stop()
    server.start()
    server.get("/")
    ask = "from comments.models import Comment; print(Comment.objects.exclude(author_key='').count())"
    deadline = time.monotonic() + 60
    while server.manage("shell", "-v0", "-c", ask).stdout.strip() != "0":
        assert time.monotonic() < deadline, server.log()
