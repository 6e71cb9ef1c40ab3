"""The database's wall clock is a day ahead for a minute, or an hour back: order and cursors hold, nobody is locked out
until then, and what new comments carry of it can be turned back."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from axes.models import AccessAttempt
from django_otp.plugins.otp_totp.models import TOTPDevice

from comments.models import AuthorSecret, Ban, Comment, Hook, Record, StreamClock
from comments.stream.ahead import holders
from comments.stream.clock import wall_now, writing
from comments.stream.record import Act
from comments.upkeep import checking
from comments.writing.announcing import announce
from comments.writing.bans import ban_author
from comments.writing.forgetting import forget_old_authors
from saywhat import daily
from tests.support.declared_settings import ROOT
from tests.upkeep.test_checking import check

HEARS = "\non_set_back.append("
HELLO = {"text": "Hello", "username": "Ada"}
DAY_US = 24 * 3600 * 1_000_000
JUMPS = pytest.mark.parametrize("by", [timedelta(days=1), timedelta(hours=-1), timedelta(days=400)], ids=str)

COMMITTED = pytest.mark.django_db(transaction=True)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def this_machine_has_the_same_clock(monkeypatch):
    monkeypatch.setattr(checking, "this_machine", wall_now)


@pytest.fixture
def jump(time_passes):
    """Within, the wall clock is wrong by so much, and a minute passes."""

    class Jump:
        def __init__(self, by: timedelta) -> None:
            self.by = by

        def __enter__(self) -> None:
            time_passes(seconds=self.by.total_seconds())

        def __exit__(self, *exception) -> None:
            time_passes(seconds=60 - self.by.total_seconds())

    return Jump


@pytest.fixture
def ahead(jump):
    """A day ahead for a minute."""
    return jump(timedelta(days=1))


def statuses(api, count: int) -> list[int]:
    return [api.post(HELLO).status_code for _ in range(count)]


def seconds_from_now(moment: datetime) -> float:
    return moment.timestamp() - wall_now() / 1e6


@JUMPS
def test_order_and_cursors_hold(by, jump, post, api, changes):
    posted, cursor, seen = [post("before")], 0, []

    def read() -> None:
        nonlocal cursor
        answer = changes(cursor)
        cursor = answer["cursor"]
        seen.extend(change["id"] for change in answer["changes"])

    read()
    with jump(by):
        posted += [post("meanwhile"), post("meanwhile too")]
        read()
        posted.append(post("not yet read"))
    posted.append(post("after"))
    read()
    assert seen == [comment.pk for comment in posted]
    for before, after in pairwise(posted):
        assert before.version < after.version and before.timestamp < after.timestamp
    last_but_one = posted[-2].timestamp
    assert [comment["text"] for comment in api.get(f"/api/comments?after={last_but_one}").json()] == ["after"]


@JUMPS
def test_who_has_posted_meanwhile_is_limited_as_ever_and_locked_out_by_nothing(by, jump, api, time_passes):
    with jump(by):
        assert statuses(api, 6) == [201] * 5 + [429]
    assert statuses(api, 6) == [201] * 5 + [429]
    refused = api.post(HELLO)
    assert int(refused["Retry-After"]) <= 5
    time_passes(seconds=int(refused["Retry-After"]))
    assert statuses(api, 6) == [201] * 5 + [429]
    refused = api.post(HELLO)
    assert int(refused["Retry-After"]) <= 60
    time_passes(minutes=1)
    assert statuses(api, 1) == [201]


def test_a_retry_of_what_was_posted_meanwhile_is_known(ahead, api):
    once = {**HELLO, "id": "1759244943773-z4timztmx"}
    with ahead:
        assert api.post(once).status_code == 201
    assert [api.post(once).status_code for _ in range(2)] == [200, 200]


def test_reports_and_bots_that_moderate_are_limited_as_ever(ahead, api, post, make_bot, time_passes):
    comments = [post(str(number)) for number in range(12)]
    _, token = make_bot("classifier", scopes=["moderate"], acts_per_minute=2)

    def reported(comment) -> int:
        return api.post({"reason": "spam"}, f"/api/comments/{comment.pk}/report").status_code

    def hidden(comment) -> int:
        return api.post({}, f"/api/comments/{comment.pk}/hide", authorization=f"Bearer {token}").status_code

    with ahead:
        assert {reported(comment) for comment in comments[:5]} == {202}
        assert [hidden(comment) for comment in comments[:3]] == [200, 200, 429]
    assert [reported(comment) for comment in comments[5:11]] == [202] * 5 + [429]
    assert [hidden(comment) for comment in comments[5:8]] == [200, 200, 429]
    time_passes(seconds=61)
    assert (reported(comments[11]), hidden(comments[8])) == (202, 200)


def test_a_time_out_is_as_long_as_it_was_meant_to_be_and_not_a_day_longer(ahead, api, post, time_passes):
    comment = post()
    with ahead:
        ban_author(comment, "10m", Act("mo"))
        assert api.post(HELLO).status_code == 403
    refused = api.post(HELLO)  # which takes back what it writes, but not what it puts right
    assert (refused.status_code, refused.json()["code"]) == (403, "banned")
    assert seconds_from_now(datetime.fromtimestamp(refused.json()["until"] / 1000, UTC)) <= 600
    time_passes(minutes=9)
    assert api.post(HELLO).status_code == 403
    time_passes(minutes=2)
    assert api.post(HELLO).status_code == 201


@COMMITTED
def test_a_ban_that_ran_before_runs_on_and_one_for_good_stays(ahead, api, post):
    ban_author(post(), "1h", Act("mo"))
    ban_author(post(address="203.0.113.9"), "good", Act("mo"))
    daily.work()
    with ahead:
        assert api.post(HELLO).status_code == 201
        daily.work()
    assert api.post(HELLO).status_code == 403
    assert Ban.objects.running().count() == 2


def test_work_that_was_claimed_meanwhile_is_offered_again_within_the_hour(ahead, api, post, make_bot, time_passes):
    bots = [{"authorization": f"Bearer {make_bot(name)[1]}"} for name in ("one", "two")]
    questions = [post(text, bot_params={"processed": False}) for text in ("claimed", "given back")]

    def claimed(question, bot: dict):
        return api.post({"seconds": 60}, f"/api/comments/{question.pk}/claim", **bot)

    with ahead:
        first, second = (claimed(question, bots[0]) for question in questions)
        back = {"lease": second.json()["lease"], "retryAfterSeconds": 30}
        assert api.post(back, f"/api/comments/{questions[1].pk}/release", **bots[0]).status_code == 200
    post("anything")
    answers = [claimed(question, bots[1]) for question in questions]
    assert [answer.status_code for answer in answers] == [200, 200], [answer.json() for answer in answers]
    late = {"lease": first.json()["lease"], "text": "Too late"}
    assert api.post(late, f"/api/comments/{questions[0].pk}/reply", **bots[0]).json()["code"] == "stale_lease"


def test_a_hook_that_was_told_meanwhile_is_told_what_comes_after(ahead, post, make_bot):
    bot, _ = make_bot("echo")
    with ahead:
        told, later = post("told"), wall_now() + 3_000_000
        hook = Hook.objects.create(bot=bot, url="https://bot.example/", cursor=told.version, held_until=later)
        Hook.objects.update(retry_at=later)
    after = post("after")
    assert list(Hook.objects.due()) == [hook]
    check("--repair")
    hook.refresh_from_db()
    assert changes_of(told).get().version <= hook.cursor < changes_of(after).get().version
    assert list(Hook.objects.due()) == [hook]


def test_in_each_process_all_hear_that_the_clock_was_set_back():
    """Whichever writes first puts it right, and it may be a command."""
    files = (ROOT / "comments").rglob("*.py")
    hearing = {".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files if HEARS in file.read_text()}
    told = "from comments.stream.clock import on_set_back; print(*{put.__module__ for put in on_set_back})"
    heard = subprocess.run([sys.executable, ROOT / "manage.py", "shell", "-v0", "-c", told], stdout=subprocess.PIPE)
    assert set(heard.stdout.decode().split()) == hearing


def test_what_was_announced_meanwhile_stands_no_longer_than_it_was_meant_to(ahead, post):
    with ahead:
        announce("Back in ten minutes.", "10m", Act("mo"))
    post()
    assert StreamClock.now().announced_until * 1000 - wall_now() <= 600 * 1_000_000


@COMMITTED
def test_who_could_not_sign_in_meanwhile_is_not_locked_out_for_it(ahead, moderator):
    """Nothing was written by the clock meanwhile: the next look of the day puts it right."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    attempt = AccessAttempt.objects.create(username="mo", failures_since_start=5)
    AccessAttempt.objects.update(attempt_time=tomorrow)
    device = TOTPDevice.objects.create(user=moderator, throttling_failure_timestamp=tomorrow)
    daily.work()
    attempt.refresh_from_db(), device.refresh_from_db()
    assert max(map(seconds_from_now, (attempt.attempt_time, device.throttling_failure_timestamp))) <= 0


def test_secrets_of_authors_last_no_longer_for_it_and_keys_go_in_time(jump, post, time_passes, settings):
    settings.AUTHOR_KEY_DAYS = 7
    with jump(timedelta(days=400)):
        post("the first of all")
    post("after")
    time_passes(days=7.1)
    forget_old_authors()
    assert not Comment.objects.exclude(author_key="").exists()
    assert AuthorSecret.objects.count() == 2


@COMMITTED
def test_a_year_ahead_for_a_minute_takes_nothing_away_that_has_not_had_its_time(jump, post, settings, time_passes):
    settings.RETENTION_DAYS = settings.AUTHOR_KEY_DAYS = 30
    daily.work()
    kept = post()
    time_passes(days=1)
    with jump(timedelta(days=365)):
        assert daily.work()
    assert Comment.objects.get().author_key == kept.author_key
    assert daily.work()  # its time is not put off either
    time_passes(days=60)
    looks = 0
    while daily.work():
        looks += 1
    assert looks > 20
    assert not Comment.objects.exists()


# What new comments carry of it


@pytest.fixture
def turned_ahead(ahead, post, held, api, make_bot):
    """A stream a day ahead: something of every kind was done before, meanwhile and after."""
    before = [post(f"before {number}") for number in range(3)]
    with ahead:
        meanwhile = [post(f"meanwhile {number}") for number in range(3)]
        changes_of(meanwhile[0]).hide(Act("mo", "spam"))
        changes_of(before[0]).hide(Act("mo"))
        changes_of(before[0]).restore(Act("mo"))
        waits = held("held")
        changes_of(before[1]).edit_bot_params(lambda params: {"seen": True})
        announce("Hello", "1d", Act("mo"))
        api.post({"reason": "spam"}, f"/api/comments/{meanwhile[1].pk}/report")
    after = [post(f"after {number}") for number in range(2)]
    changes_of(waits).release(Act("mo"))
    changes_of(after[0]).erase(Act("mo"))


def changes_of(comment):
    return Comment.objects.filter(pk=comment.pk)


def order(name: str) -> list[str]:
    return list(Comment.objects.exclude(**{name: None}).order_by(name).values_list("pk", flat=True))


def newest_tick() -> int:
    ticks = [rows._default_manager.order_by(f"-{name}").values_list(name, flat=True)[0] for rows, name in holders]
    return max([*ticks, StreamClock.now().version, StreamClock.now().announced])


def test_check_stream_says_by_how_much_and_turns_it_back(turned_ahead):
    is_well, said = check()
    assert not is_well and "The stream is 23:5" in said and "Run check_stream --repair." in said
    orders = {name: order(name) for name in ("version", "bots_version", "timestamp")}
    before = Comment.objects.filter(text__startswith="before")
    times = list(before.order_by("pk").values_list("pk", "timestamp"))
    acts = list(Record.objects.order_by("at").values_list("comment_id", "verb"))
    as_left = set(Record.objects.filter(at__in=Comment.objects.values("version")).values_list("pk", flat=True))
    assert check("--repair")[0]
    assert check() == (True, "The stream is in order.\n")
    assert {name: order(name) for name in orders} == orders
    assert list(before.order_by("pk").values_list("pk", "timestamp")) == times
    assert list(Record.objects.order_by("at").values_list("comment_id", "verb")) == acts
    assert set(Record.objects.filter(at__in=Comment.objects.values("version")).values_list("pk", flat=True)) == as_left
    assert newest_tick() - wall_now() < 1_000_000
    assert Comment.objects.order_by("-timestamp").first().timestamp * 1000 < wall_now() + 1_000_000


def test_afterwards_times_are_those_of_the_wall_clock_and_searches_find_what_was_moved(turned_ahead, post, api):
    check("--repair")
    posted = post("at last")
    assert abs(posted.timestamp * 1000 - wall_now()) < 5_000_000
    for word in ("meanwhile 1", "after 1", "held", "before 0"):
        assert [comment["text"] for comment in api.get(f"/api/comments?search={word}").json()["comments"]] == [word]
    assert checking.faults() == []


def test_a_comment_that_came_when_the_clock_was_right_again_has_its_own_time(ahead, post, time_passes):
    with ahead:
        post("meanwhile")
    time_passes(minutes=5)
    comment = post("five minutes later")
    time_passes(minutes=10)
    check("--repair")
    comment.refresh_from_db()
    assert 590 < wall_now() / 1e6 - comment.timestamp / 1e3 < 700


def test_whoever_has_a_cursor_of_that_time_loads_afresh_and_everybody_else_goes_on(ahead, post, api, changes):
    first = post("before")
    lost = []
    with ahead:
        comment = post("meanwhile")
        lost.append(comment.version)
        changes_of(comment).hide()
        lost.append(StreamClock.now().version)
    last = post("after")
    lost.append(last.version)
    check("--repair")
    for cursor in lost:
        answer = api.get(f"/api/changes?after={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (410, "stream_restored")
    assert [change["id"] for change in changes(first.version)["changes"]] == [comment.pk, last.pk]
    afresh = api.get("/api/comments").json()
    assert changes(afresh["cursor"])["changes"] == []
    new = post("new")
    assert [change["id"] for change in changes(afresh["cursor"])["changes"]] == [new.pk]


def test_when_that_time_has_come_nothing_is_given_out_twice(ahead, post, api, time_passes):
    with ahead:
        lost = post("meanwhile").version
        time_passes(seconds=60)
        post("a minute later")
    post("after")
    check("--repair")
    afresh = api.get("/api/comments").json()["cursor"]
    time_passes(seconds=(lost - wall_now()) / 1e6 + 30)
    posted = [post(f"tomorrow {number}") for number in range(3)]
    (first, last), *_ = StreamClock.now().lost
    assert not [comment for comment in posted if first <= comment.version <= last]
    assert [change["id"] for change in api.get(f"/api/changes?after={afresh}").json()["changes"]] == [
        comment.pk for comment in posted
    ]
    assert api.get(f"/api/changes?after={lost}").status_code == 410


def test_a_second_jump_is_turned_back_as_well(ahead, post):
    for _ in range(2):
        with ahead:
            post("meanwhile")
        check("--repair")
    assert check() == (True, "The stream is in order.\n")
    assert len(StreamClock.now().lost) == 2


def test_by_a_clock_that_is_wrong_now_nothing_is_turned_back(post, time_passes, monkeypatch):
    right = wall_now()
    monkeypatch.setattr(checking, "this_machine", lambda: right)
    comment = post()
    time_passes(hours=-1)
    is_well, said = check("--repair")
    assert not is_well and "set right which is wrong, first" in said and "--repair" not in said
    assert changes_of(comment).get().version == comment.version
    time_passes(hours=1)
    assert check()[0]


def test_a_stream_that_is_a_little_ahead_is_in_order(post):
    comments = [post(str(number)) for number in range(3)]
    with writing() as clock:
        clock.wall += 30_000_000
        clock.next_version()
    assert check()[0]
    assert order("version") == [comment.pk for comment in comments]
