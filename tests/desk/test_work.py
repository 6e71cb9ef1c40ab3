"""The page of the bots' work."""

import re

import pytest

from comments.bots import queue
from comments.models import Comment, Lease
from tests.support.cast import logged_in

pytestmark = pytest.mark.django_db

TO_DO = {"processed": False}


@pytest.fixture
def ask(post):
    return lambda text: post(text, bot_params=dict(TO_DO))


def run_out(comment: Comment) -> None:
    """As if all attempts had been made, and their time were over."""
    Lease.objects.filter(pk=comment.pk).update(attempts=5, until=1)


def numbers(page) -> dict[str, str]:

    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page.text))


def test_it_tells_what_waits_who_is_at_what_and_how_long_answers_took(desk, ask, bot, api, bot_token):
    ask("nobody is at it")
    queue.claim(ask("somebody is at it").pk, 60, bot)
    done = ask("answered")
    lease = queue.claim(done.pk, 60, bot).lease
    answer = {"lease": lease, "text": "Fine"}
    assert api.post(answer, f"/api/comments/{done.pk}/reply", authorization=f"Bearer {bot_token}").status_code == 201
    Lease.objects.filter(pk=done.pk).update(waited_ms=2500)
    page = desk.get("/admin/work/")
    assert numbers(page) == {
        "waiting": "1",
        "claimed": "1",
        "dead": "0",
        "done": "1",
        "median answer": "2.5 s",
        "worst answer": "2.5 s",
    }
    assert "<bdi>echo</bdi> since" in page.text
    assert "nobody is at it" in page.text


def test_R66_a_dead_letter_is_shown_and_can_be_tried_again(desk, ask, bot):
    dead = ask("too hard")
    queue.claim(dead.pk, 60, bot)
    run_out(dead)
    page = desk.get("/admin/work/")
    assert numbers(page) == {"waiting": "0", "claimed": "0", "dead": "1", "done": "0"}
    assert "5 attempts, the last by <bdi>echo</bdi>" in page.text
    assert desk.post("/admin/work/", {"retry": dead.pk}).status_code == 303
    assert numbers(desk.get("/admin/work/"))["waiting"] == "1"
    assert queue.claim(dead.pk, 60, bot).attempt == 1


def test_what_is_hidden_waits_for_nobody(desk, ask, bot):
    hidden = ask("spam")
    queue.claim(hidden.pk, 60, bot)
    run_out(hidden)
    Comment.objects.all().hide()
    assert numbers(desk.get("/admin/work/"))["dead"] == "0"


def test_who_may_only_look_retries_nothing(ask, bot, fast_passwords):
    from django.contrib.auth.models import Permission, User

    watcher = User.objects.create_user("watcher", is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_comment"))
    dead = ask("too hard")
    queue.claim(dead.pk, 60, bot)
    run_out(dead)
    browser = logged_in(watcher)
    assert "Retry" not in browser.get("/admin/work/").text
    assert browser.post("/admin/work/", {"retry": dead.pk}).status_code == 403
    assert Lease.objects.get().attempts == 5
