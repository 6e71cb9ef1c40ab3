"""Reports: visitors tell moderators of a comment, and enough of them hold it until one has looked."""

import re

import pytest

from comments.models import Comment, Record, Report, State
from comments.stream.clock import StreamClock
from comments.stream.record import Act
from tests.support.cast import VISITOR

pytestmark = pytest.mark.django_db

REPORTERS = [f"198.51.100.{number}" for number in range(1, 20)]


@pytest.fixture
def report(api):
    def report(comment, address: str = VISITOR, reason: str = "spam", **more):
        return api.post({"reason": reason, **more}, f"/api/comments/{comment.pk}/report", address)

    return report


def state_of(comment: Comment) -> str:
    return Comment.objects.get(pk=comment.pk).state


def press(desk, pressed: str):
    return desk.post("/admin/act/", {"do": pressed, "seen": StreamClock.now().version}, follow=True)


def test_a_report_is_taken_and_changes_nothing_for_readers(report, post, changes):
    comment = post()
    cursor = changes(0)["cursor"]
    answer = report(comment, note="again and again")
    assert (answer.status_code, answer.json()) == (202, {"id": comment.pk})
    assert changes(cursor)["changes"] == []
    assert Report.objects.values_list("reason", "note").get() == ("spam", "again and again")


def test_the_same_author_reports_a_comment_once(report, post):
    comment = post()
    assert [report(comment, reason=reason).status_code for reason in ("spam", "abuse")] == [202, 202]
    assert Report.objects.get().reason == "spam"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reason": "dislike"}, "invalid_reason"),
        ({"reason": 1}, "invalid_reason"),
        ({"note": "x" * 301}, "invalid_note"),
        ({"note": ["x"]}, "invalid_note"),
        ({"note": "nul\0"}, "invalid_note"),
    ],
)
def test_what_is_no_report_is_refused(fields, code, report, post):
    answer = report(post(), **({"reason": "spam"} | fields))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Report.objects.exists()


@pytest.mark.parametrize("verb", ["hide", "hold", "erase"])
def test_what_is_not_visible_cannot_be_reported_and_is_not_told_from_what_never_was(verb, report, post):
    comment = post()
    getattr(Comment.objects, verb)()
    answers = {report(comment).content, report(Comment(pk="nothing")).content}
    assert len(answers) == 1
    assert report(comment).status_code == 404


def test_R53_reports_have_a_limit_of_their_own_that_no_header_gets_past(report, post, api):
    comments = [post(str(number)) for number in range(8)]
    statuses = [report(comment).status_code for comment in comments[:6]]
    assert statuses == [202] * 5 + [429]
    again = {"reason": "spam"}
    for headers in ({"x_forwarded_for": "198.51.100.9"}, {"origin": "https://a.example"}):
        assert api.post(again, f"/api/comments/{comments[7].pk}/report", **headers).status_code == 429
    assert report(comments[6], REPORTERS[0]).status_code == 202


def test_enough_networks_hold_a_comment_until_a_moderator_has_decided(report, post, settings, changes):
    settings.REPORTS_TO_HOLD = 3
    comment = post()
    cursor = changes(0)["cursor"]
    for address in REPORTERS[:2] + REPORTERS[:2]:
        report(comment, address)
    assert state_of(comment) == State.VISIBLE
    report(comment, REPORTERS[2])
    assert state_of(comment) == State.HELD
    assert [change.get("removed") for change in changes(cursor)["changes"]] == [True]
    assert Record.objects.values_list("verb", "who").get() == ("hold", "reports")


def test_neighbours_in_one_ipv6_network_are_one(report, post, settings):
    settings.REPORTS_TO_HOLD = 2
    comment = post()
    for last in range(1, 6):
        report(comment, f"2001:db8::{last}")
    assert state_of(comment) == State.VISIBLE


@pytest.mark.parametrize("decision", ["keep", "release"])
def test_what_a_moderator_has_kept_is_not_held_again(decision, report, post, settings, desk):
    settings.REPORTS_TO_HOLD = 2
    comment = post()
    if decision == "keep":
        report(comment, REPORTERS[0])
    else:
        [report(comment, address) for address in REPORTERS[:2]]
    press(desk, f"{decision}:one:{comment.pk}")
    for address in REPORTERS[3:8]:
        report(comment, address)
    assert state_of(comment) == State.VISIBLE


def test_zero_never_holds(report, post, settings):
    settings.REPORTS_TO_HOLD = 0
    comment = post()
    for address in REPORTERS:
        report(comment, address)
    assert state_of(comment) == State.VISIBLE


def test_the_desk_shows_what_is_reported_and_why_until_it_is_decided(report, post, desk):
    kept, hidden = post("stays"), post("goes")
    for comment in (kept, hidden):
        report(comment, REPORTERS[0], "abuse", note="he does <b>this</b> daily")
    report(hidden, REPORTERS[1], "abuse")
    page = desk.get("/admin/").text
    waits = page[page.index('id="waits"') : page.index('id="rows"')]
    assert "2 reported" in waits
    assert re.findall("reported: ([a-z0-9 ]+)<", waits) == ["abuse", "abuse 2"]
    assert "he does &lt;b&gt;this&lt;/b&gt; daily" in desk.get(f"/admin/comment/{kept.pk}/").text
    assert "Kept: 1." in press(desk, f"keep:one:{kept.pk}").text
    press(desk, f"hide:one:{hidden.pk}")
    assert "Nothing waits" in desk.get("/admin/").text
    assert set(Record.objects.values_list("comment_id", "verb")) == {(kept.pk, "keep"), (hidden.pk, "hide")}
    report(kept, REPORTERS[2])
    assert "1 reported" in desk.get("/admin/").text


def test_what_is_decided_about_another_comment_closes_no_report(report, post, desk):
    reported, other = post("reported"), post("other")
    report(reported)
    press(desk, f"hide:one:{other.pk}")
    assert "1 reported" in desk.get("/admin/").text


def test_a_report_is_news_to_the_desk(report, post, desk):
    comment = post()
    cursor = StreamClock.now().version
    report(comment)
    assert "1 reported" in desk.get(f"/admin/news/?after={cursor}").text


def test_what_was_said_of_an_erased_comment_goes_with_it(report, post, desk):
    comment = post("the secret")
    report(comment, note="the secret is out")
    desk.post("/admin/act/", {"do": f"erase:one:{comment.pk}", "confirmed": "yes"})
    assert "secret" not in repr(list(Report.objects.values()))


def test_a_second_moderator_is_told_who_has_kept_it(report, post, desk):
    comment = post()
    Comment.objects.hide(Act("anna"))
    assert "already hidden by anna" in press(desk, f"keep:one:{comment.pk}").text
