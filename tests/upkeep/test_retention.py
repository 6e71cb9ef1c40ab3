"""What has been kept long enough goes; whoever may have missed that loads afresh, and nobody else."""

import asyncio
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from comments.bots.lease import Lease
from comments.history import importing
from comments.models import Comment, Record, StreamClock, Words
from comments.stream import queryset
from comments.upkeep import checking
from saywhat import daily
from tests.support.until import until

DAY_US = 24 * 3600 * 1_000_000

pytestmark = pytest.mark.django_db


def only(*comments):
    return Comment.objects.filter(pk__in=[comment.pk for comment in comments])


def prune(*arguments: str) -> str:
    said = io.StringIO()
    call_command("prune", *arguments, stdout=said)
    return said.getvalue()


def texts(api) -> list[str]:
    return [comment["text"] for comment in api.get("/api/comments").json()["comments"]]


def status(api, cursor: int) -> tuple[int, str]:
    answer = api.get(f"/api/changes?after={cursor}")
    return answer.status_code, answer.json().get("code", "")


def test_what_is_old_goes_in_every_state_and_what_was_changed_since_stays(api, post, held, time_passes, settings):
    settings.RETENTION_DAYS = 30
    old, hidden, erased, shown_again = post("old"), post("hidden"), post("erased"), post("shown again")
    held("held")
    only(hidden).hide()
    only(erased).erase()
    before = StreamClock.now().version
    time_passes(days=29)
    new = post("new")
    only(shown_again).hide()
    only(shown_again).restore()
    assert prune().startswith("0 comments were")
    time_passes(days=1.5)
    assert texts(api) == ["old", "shown again", "new"]
    assert prune("--dry-run").startswith("4 comments would be")
    assert texts(api) == ["old", "shown again", "new"]
    assert prune().startswith("4 comments were taken away, and the words of 0 erased.")
    answer = api.get("/api/comments").json()
    assert ([comment["text"] for comment in answer["comments"]], answer["total"]) == (["shown again", "new"], 2)
    assert set(Words.objects.values_list("comment_id", flat=True)) == {shown_again.pk, new.pk}
    assert api.get("/api/comments?search=old").json()["comments"] == []
    assert status(api, old.version) == (410, "cursor_too_old")
    assert status(api, before) == (200, "")
    assert status(api, 0) == (200, "")
    assert checking.faults() == []


def test_a_reader_from_zero_gets_through_what_is_left(post, time_passes, settings, changes):
    settings.RETENTION_DAYS = 3
    time_passes(days=-5)
    for number in range(3):
        post(f"old {number}")
    time_passes(days=5)
    yesterday = time.time_ns() // 1_000_000 - 86_400_000
    lines = [{"text": f"{n}", "username": "Ada", "timestamp": yesterday + n} for n in range(3)]
    reader = importing.LineReader()
    importing.store([(n, reader.comment(line)) for n, line in enumerate(lines)])
    for number in range(3):
        post(f"new {number}")
    prune()
    cursor, seen, has_more = 0, [], True
    while has_more:
        answer = changes(cursor, limit=1)
        cursor, has_more = answer["cursor"], answer["hasMore"]
        seen += [change["text"] for change in answer["changes"]]
    assert seen == ["0", "1", "2", "new 0", "new 1", "new 2"]


def test_it_goes_in_short_transactions_and_others_write_between_them(post, time_passes, settings, monkeypatch):
    settings.RETENTION_DAYS = 1
    monkeypatch.setattr(queryset, "BATCH", 2)
    for number in range(5):
        post(str(number))
    time_passes(days=2)
    monkeypatch.setattr(queryset, "let_others_write", lambda: post("between"))
    assert prune().startswith("5 comments")
    assert set(Comment.objects.values_list("text", flat=True)) == {"between"}
    assert checking.faults() == []


def test_imported_history_goes_by_its_own_time(post, time_passes, settings):
    settings.RETENTION_DAYS = 10
    reader = importing.LineReader()
    now = time.time_ns() // 1_000_000
    ages = {"long ago": 11, "lately": 9}
    lines = [{"text": text, "username": "Ada", "timestamp": now - days * 86_400_000} for text, days in ages.items()]
    importing.store([(number, reader.comment(json.loads(json.dumps(line)))) for number, line in enumerate(lines)])
    post("now")
    prune()
    assert set(Comment.objects.values_list("text", flat=True)) == {"lately", "now"}


def test_words_of_hidden_comments_go_after_their_days_and_the_record_says_so(post, time_passes, settings):
    settings.HIDDEN_DAYS = 7
    comment, shown = post("hidden"), post("shown")
    only(comment).hide()
    time_passes(days=6.9)
    assert "the words of 0 erased" in prune()
    time_passes(days=0.2)
    assert "the words of 1 erased" in prune()
    assert only(comment).get().text == "" and only(shown).get().text == "shown"
    assert Record.objects.of_comment(comment.pk)[0].who == "retention"


def test_without_days_everything_is_kept(post, time_passes):
    post("old")
    time_passes(days=10_000)
    assert "everything is kept" in prune()
    assert Comment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_work_of_the_day_is_done_once_a_day_however_many_processes_there_are(post, time_passes, settings):
    settings.RETENTION_DAYS = 1
    time_passes(days=0)
    assert [daily.work(), daily.work()] == [True, False]
    post("old")
    time_passes(days=0.9)
    assert not daily.work()
    time_passes(days=0.2)
    assert [daily.work(), daily.work(), daily.work()] == [True, False, False]
    assert Comment.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_was_ahead_does_not_put_off_the_work_of_the_day(time_passes):
    time_passes(days=400)
    assert daily.work()
    time_passes(days=-400)
    assert [daily.work(), daily.work()] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_puts_off_the_work_of_the_day_and_no_more(monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(StreamClock, "save", mock.Mock(side_effect=OperationalError("gone")))
        assert not daily.work()
    assert daily.work()


@pytest.mark.django_db(transaction=True)
def test_the_work_of_the_day_keeps_no_connection():
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(daily.work).result()
        assert thread.submit(lambda: connection.connection).result() is None


@pytest.mark.django_db(transaction=True)
def test_who_was_at_what_is_forgotten_with_the_comment(post):
    there = post("still there").pk
    for id in (there, "gone"):
        Lease.objects.create(comment_id=id, holder="echo")
    assert daily.work()
    assert list(Lease.objects.values_list("pk", flat=True)) == [there]


def test_a_process_looks_again_and_again_whether_it_is_time_whatever_fails(monkeypatch, caplog):
    looks = []

    def work() -> None:
        looks.append(1)
        raise ValueError("whatever it is")

    monkeypatch.setattr(daily, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(daily, "work", work)

    async def look() -> None:
        looking = asyncio.create_task(daily.each_day())
        await until(lambda: len(looks) >= 3)
        looking.cancel()

    asyncio.run(look())
    assert "The work of the day has failed." in caplog.text
