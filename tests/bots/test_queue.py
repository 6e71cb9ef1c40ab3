"""The work queue: exactly one answer to who asks for one, whatever several bots do, as time passes, and what fails.

What one bot sees of it is stated in tests/conformance, in bots.py and work.py.
"""

import pytest
from django.db import DatabaseError

from comments.bots import queue
from comments.models import Comment, Lease
from tests.support import plans

pytestmark = pytest.mark.django_db

TO_DO = {"processed": False}


class Worker:
    """A bot, as its requests show it."""

    def __init__(self, api, name: str, token: str):
        self.api, self.name, self.headers = api, name, {"authorization": f"Bearer {token}"}

    def work(self, query: str = "") -> list[dict]:
        answer = self.api.get(f"/api/bots/work{query}", **self.headers)
        assert answer.status_code == 200, answer.content
        return answer.json()["work"]

    def do(self, verb: str, comment, **body):
        return self.api.post(body, f"/api/comments/{comment.id}/{verb}", **self.headers)

    def claim(self, comment, **body) -> str:
        answer = self.do("claim", comment, **body)
        assert answer.status_code == 200, answer.content
        return answer.json()["lease"]

    def note(self, comment, lease: str = "", **params):
        return self.api.patch(f"/api/comments/{comment.id}", {"botParams": params, "lease": lease}, **self.headers)


@pytest.fixture
def make_worker(api, make_bot):
    def make_worker(name: str, **fields) -> Worker:
        return Worker(api, name, make_bot(name, **fields)[1])

    return make_worker


@pytest.fixture
def worker(make_worker) -> Worker:
    return make_worker("worker")


@pytest.fixture
def question(post):
    return post("How are you?", bot_params=dict(TO_DO), context=["the page"])


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def answers_to(question) -> list[str]:
    return list(Comment.objects.filter(reply_to=question.pk).values_list("text", flat=True))


# One answer


def test_R63_the_same_lease_again_gets_the_same_answer_also_after_its_time(worker, question, time_passes):
    lease = worker.claim(question)
    first = worker.do("reply", question, lease=lease, text="Fine")
    again = worker.do("reply", question, lease=lease, text="Fine, again")
    time_passes(hours=1)
    late = worker.do("reply", question, lease=lease, text="Fine, late")
    assert (first.status_code, again.status_code, late.status_code) == (201, 200, 200)
    assert first.json() == again.json() == late.json()
    assert answers_to(question) == ["Fine"]


def test_R63_of_two_that_race_one_gets_it(make_worker, question):
    one, two = make_worker("one"), make_worker("two")
    lease = one.claim(question, seconds=60)
    refused = two.do("claim", question)
    assert code(refused) == (409, "claimed")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert code(one.do("claim", question)) == (409, "claimed")
    assert one.do("reply", question, lease=lease, text="Fine").status_code == 201


def test_R67_a_lease_is_good_for_its_bot_and_its_comment_alone(make_worker, question, post):
    one, two, other = make_worker("one"), make_worker("two"), post("And you?", bot_params=dict(TO_DO))
    lease = one.claim(question)
    one.claim(other)
    for who, what, which in (
        (two, question, lease),
        (one, other, lease),
        (one, question, "1-guessed"),
        (one, question, "é"),
    ):
        for verb, body in (("reply", {"text": "Mine"}), ("renew", {}), ("release", {})):
            assert code(who.do(verb, what, lease=which, **body)) == (409, "stale_lease")
    assert answers_to(question) + answers_to(other) == []


def test_R67_a_worker_that_slept_past_its_lease_cannot_answer_any_more(make_worker, question, time_passes):
    sleeper, other = make_worker("sleeper"), make_worker("other")
    lease = sleeper.claim(question, seconds=30)
    time_passes(seconds=31)
    assert code(sleeper.do("reply", question, lease=lease, text="Late")) == (409, "stale_lease")
    assert code(sleeper.do("renew", question, lease=lease)) == (409, "stale_lease")
    assert other.do("reply", question, lease=other.claim(question), text="In time").status_code == 201
    assert code(sleeper.do("reply", question, lease=lease, text="Later")) == (409, "stale_lease")
    assert answers_to(question) == ["In time"]


def test_R66_a_lease_that_is_over_is_offered_again_and_counts(make_worker, question, time_passes):
    dead, other = make_worker("dead"), make_worker("other")
    dead.claim(question, seconds=30)
    time_passes(seconds=29)
    assert other.work() == []
    time_passes(seconds=2)
    assert [(work["id"], work["attempts"]) for work in other.work()] == [(question.pk, 1)]
    assert other.do("claim", question).json()["attempt"] == 2


def test_a_lease_that_is_renewed_lasts(worker, question, time_passes):
    lease = worker.claim(question, seconds=30)
    time_passes(seconds=20)
    renewed = worker.do("renew", question, lease=lease, seconds=30).json()
    assert (renewed["lease"], renewed["attempt"]) == (lease, 1)
    time_passes(seconds=20)
    assert worker.do("reply", question, lease=lease, text="Fine").status_code == 201


def test_what_is_given_back_is_offered_again_when_it_was_said(worker, question, time_passes):
    lease = worker.claim(question)
    assert worker.do("release", question, lease=lease, reason="no model", retryAfterSeconds=10).status_code == 200
    assert worker.work() == []
    assert code(worker.do("reply", question, lease=lease, text="After all")) == (409, "stale_lease")
    time_passes(seconds=11)
    assert [work["id"] for work in worker.work()] == [question.pk]
    assert Lease.objects.get().reason == "no model"


def test_R66_what_was_tried_too_often_is_a_dead_letter_until_a_person_wants_it_tried(
    worker, question, time_passes, settings
):
    settings.BOT_ATTEMPTS = 2
    for _ in range(2):
        worker.claim(question, seconds=30)
        time_passes(seconds=31)
    assert worker.work() == []
    assert code(worker.do("claim", question)) == (409, "dead")
    assert list(Lease.objects.exhausted()) == [Lease.objects.get()]
    queue.retry(question.pk)
    assert worker.do("claim", question).json()["attempt"] == 1


def test_R69_one_that_fails_holds_nobody_up(make_worker, post, time_passes):
    bad, good = post("bad", bot_params=dict(TO_DO)), post("good", bot_params=dict(TO_DO))
    one, two = make_worker("one"), make_worker("two")
    one.claim(bad, seconds=3600)
    assert [work["id"] for work in two.work()] == [good.pk]


def test_R65_an_answer_without_its_completion_is_not_there(worker, question, monkeypatch):
    def power_cut(*args) -> None:
        raise DatabaseError

    lease = worker.claim(question)
    with monkeypatch.context() as patch, pytest.raises(DatabaseError):
        patch.setattr(queue, "_complete", power_cut)
        worker.do("reply", question, lease=lease, text="Lost")
    assert answers_to(question) == []
    assert worker.do("reply", question, lease=lease, text="Fine").status_code == 201
    assert answers_to(question) == ["Fine"]


def test_a_bot_that_posts_too_fast_keeps_its_lease(make_worker, post):
    slow = make_worker("slow", posts_per_minute=6)
    questions = [post(f"{n}", bot_params=dict(TO_DO)) for n in range(2)]
    leases = [slow.claim(question) for question in questions]
    statuses = [
        slow.do("reply", *pair[:1], lease=pair[1], text="Fine").status_code
        for pair in zip(questions, leases, strict=True)
    ]
    assert statuses == [201, 429]
    assert slow.do("renew", questions[1], lease=leases[1]).status_code == 200


# What is work


def test_a_question_that_is_hidden_is_no_work_until_it_is_restored(worker, question):
    lease = worker.claim(question)
    Comment.objects.all().hide()
    assert code(worker.do("reply", question, lease=lease, text="Fine")) == (409, "removed")
    assert code(worker.do("renew", question, lease=lease)) == (409, "removed")
    assert worker.do("claim", question).status_code == 404
    worker.do("release", question, lease=lease)
    assert worker.work() == []
    Comment.objects.all().restore()
    assert [work["id"] for work in worker.work()] == [question.pk]
    Comment.objects.all().erase()
    assert worker.work() == []


def test_R67_what_a_bot_is_at_no_other_marks(make_worker, question, time_passes):
    one, two = make_worker("one"), make_worker("two")
    lease = one.claim(question, seconds=30)
    assert code(two.note(question, processed=True)) == (409, "claimed")
    assert code(one.note(question, processed=True)) == (409, "claimed")
    assert one.note(question, lease, processed=True).status_code == 200
    assert answers_to(question) == []
    assert code(one.do("reply", question, lease=lease, text="After all")) == (409, "stale_lease")


def test_R70_bots_that_answer_bots_end(worker, api, post, settings):
    settings.BOT_DEPTH = 3
    last, statuses = post("Hi").pk, []
    for _ in range(5):
        answer = api.post({"text": "Hi", "username": "x", "replyTo": last}, **worker.headers)
        statuses.append(answer.status_code)
        last = answer.json().get("id", last)
    assert statuses == [201, 201, 201, 422, 422]
    assert answer.json()["code"] == "bot_depth"
    human = post("Stop", reply_to=last).pk
    assert api.post({"text": "Yes", "username": "x", "replyTo": human}, **worker.headers).status_code == 201


def test_R70_the_last_bot_in_a_row_may_answer_but_not_ask_another(worker, api, post, settings):
    settings.BOT_DEPTH = 2
    first = api.post({"text": "Hi", "username": "x", "replyTo": post("Hi").pk}, **worker.headers).json()["id"]
    last = {"text": "Hi", "username": "x", "replyTo": first}
    assert code(api.post({**last, "botParams": TO_DO}, **worker.headers)) == (422, "bot_depth")
    assert api.post(last, **worker.headers).status_code == 201


def test_R70_all_bots_together_leave_room_for_people(make_worker, api, post, question, settings, time_passes):
    settings.BOT_POSTS_PER_MINUTE = 3
    bots = [make_worker(f"bot {n}") for n in range(4)]
    said = [api.post({"text": "Hi", "username": "x"}, **bot.headers) for bot in bots]
    assert [answer.status_code for answer in said] == [201, 201, 201, 429]
    assert said[-1].json()["code"] == "bots_rate_limited"
    assert 50 <= int(said[-1]["Retry-After"]) <= 60
    lease = bots[3].claim(question, seconds=300)
    assert code(bots[3].do("reply", question, lease=lease, text="Me too")) == (429, "bots_rate_limited")
    assert api.post({"text": "Hi", "username": "Ada"}).status_code == 201
    time_passes(seconds=61)
    assert bots[3].do("reply", question, lease=lease, text="At last").status_code == 201


def test_history_that_is_imported_is_no_work(worker):
    from comments.history import importing

    line = {"id": "old", "timestamp": 1, "username": "Ada", "text": "Hi", "botParams": TO_DO}
    importing.store([(1, importing.LineReader().comment(line))])
    assert worker.work() == []


def test_R58_work_shows_what_is_for_bots_to_the_scope_that_is_for_it(make_worker, question):
    (work,) = make_worker("blind", scopes=["claim"]).work()
    assert work["id"] == question.pk
    assert {"context", "botParams"} & set(work) == set()


def test_who_was_at_what_is_forgotten_with_the_comment(worker, question, post):
    other = post("Still here", bot_params=dict(TO_DO))
    for comment in (question, other):
        worker.claim(comment)
    for _ in Comment.objects.filter(pk=question.pk).prune():
        pass
    queue.forget()
    assert list(Lease.objects.values_list("pk", flat=True)) == [other.pk]


# What it costs


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_queue_is_read_from_its_index_however_much_there_is(post):
    def line(n: int) -> dict:
        return {"id": f"old-{n}", "timestamp": n + 1, "username": "Old", "text": f"history {n}"}

    with plans.large_history(20_000, line):
        for n in range(30):
            post(str(n), bot_params=TO_DO)
        (sql,) = plans.statements_of(lambda: list(queue.waiting()[:10]))
        plan = plans.plan_of(sql)
        assert "comment_work" in plan
        assert not plans.scans(plan)
