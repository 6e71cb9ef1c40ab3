"""Bots that moderate: as the desk does, with a limit, and never against a person."""

import json
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from comments.models import Ban, Comment, Record
from comments.stream.record import Act
from tests.support.cast import VISITOR
from tests.support.servers import UNLIMITED

in_process = pytest.mark.django_db
PATIENCE_SECONDS = 30


@pytest.fixture
def classifier(api, make_bot):
    """Does something to a comment as a bot that may moderate: `classifier("hide", comment, reason="spam")`."""
    _, token = make_bot("classifier", scopes=["moderate"], acts_per_minute=5)
    as_bot = {"authorization": f"Bearer {token}"}

    def act(verb: str, comment, **body):
        return api.post(body, f"/api/comments/{comment.pk}/{verb}", **as_bot)

    act.feed = lambda after=0: api.get(f"/api/bots/moderation?after={after}", **as_bot).json()
    return act


def state_of(comment) -> str:
    return Comment.objects.get(pk=comment.pk).state


@in_process
def test_what_a_bot_hides_is_gone_for_readers_and_on_the_record_and_a_moderator_restores_it(
    classifier, post, changes, desk
):
    comment = post("buy now")
    hidden = classifier("hide", comment, reason="spam", note="0.97")
    assert (hidden.status_code, hidden.json()["state"]) == (200, "hidden")
    assert changes()["changes"][-1]["removed"]
    record = Record.objects.get()
    assert (record.who, record.verb, record.reason, record.note) == ("classifier (bot)", "hide", "spam", "0.97")
    assert "classifier (bot)" in desk.get("/admin/record/").text
    desk.post("/admin/act/", {"do": f"restore:one:{comment.pk}"})
    assert state_of(comment) == "visible"


@in_process
def test_what_a_bot_holds_waits_for_a_moderator_and_it_takes_back_what_it_did(classifier, post):
    comment = post()
    assert classifier("hold", comment).json()["state"] == "held"
    assert classifier("restore", comment).json()["code"] == "nothing_to_change"
    assert classifier("hide", comment).json()["state"] == "hidden"
    assert classifier("restore", comment).json()["state"] == "visible"


@in_process
@pytest.mark.parametrize("decision", ["hide", "hold"])
def test_a_bot_does_not_overrule_a_person(decision, classifier, post):
    comment = post()
    getattr(Comment.objects.filter(pk=comment.pk), decision)(Act("mo"))
    for verb in ("hide", "restore", "hold"):
        assert classifier(verb, comment).json()["code"] == "decided"
    Comment.objects.filter(pk=comment.pk).hide(Act("mo"))
    Comment.objects.filter(pk=comment.pk).restore(Act("mo"))
    assert (classifier("hide", comment).status_code, state_of(comment)) == (409, "visible")


@in_process
def test_a_bot_bans_for_a_time_and_never_for_good(classifier, post, api):
    comment = post(address=VISITOR)
    assert classifier("ban", comment, time="good").status_code == 422
    assert classifier("ban", comment).status_code == 422
    banned = classifier("ban", comment, time="1h", reason="spam").json()
    refused = api.post({"text": "Hi", "username": "Ada"}, address=VISITOR)
    assert (refused.status_code, refused.json()["until"]) == (403, banned["until"])
    assert (Ban.objects.get().who, Ban.objects.get().reason) == ("classifier (bot)", "spam")
    assert str(ip_address(VISITOR)) not in str(Ban.objects.values())


@in_process
def test_a_bot_moderates_no_faster_than_it_may(classifier, post):
    comments = [post(str(n)) for n in range(6)]
    statuses = [classifier("hide", comment).status_code for comment in comments]
    assert statuses == [200] * 5 + [429]
    assert Comment.objects.visible().count() == 1


@in_process
def test_what_is_not_there_or_makes_no_sense_is_refused(classifier, post):
    comment = post()
    assert classifier("hide", comment, reason=5).status_code == 422
    comment.pk = "nobody"
    assert classifier("hide", comment).status_code == 404
    assert classifier("ban", comment, time="1h").status_code == 404


@in_process
def test_their_feed_has_what_is_held_and_hidden(classifier, post, held):
    shown, waiting, gone = post("shown"), held("waiting"), post("gone")
    Comment.objects.filter(pk=gone.pk).hide()
    page = classifier.feed()
    found = {comment["id"]: (comment["state"], comment["text"]) for comment in page["comments"]}
    assert found == {shown.pk: ("visible", "shown"), waiting.pk: ("held", "waiting"), gone.pk: ("hidden", "gone")}
    assert [comment["timestamp"] for comment in page["comments"] if comment["state"] == "held"] == [None]
    assert classifier.feed(page["cursor"])["comments"] == []
    Comment.objects.filter(pk=waiting.pk).release()
    assert [comment["state"] for comment in classifier.feed(page["cursor"])["comments"]] == ["visible"]


# As it happens, over a real server


@pytest.mark.slow
def test_their_feed_comes_by_long_poll_and_by_websocket_with_what_is_held(on_any_database):
    server = on_any_database(HOLD_COMMENTS="true", **UNLIMITED)
    guard = server.manage("create_bot", "guard", "--scopes", "moderate").stdout.strip()
    echo = server.manage("create_bot", "echo").stdout.strip()
    as_guard = {"authorization": f"Bearer {guard}"}
    cursor = server.get("/api/bots/moderation?after=0", **as_guard).json()["cursor"]
    url = server.url.replace("http", "ws")

    def socket(token: str):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return connect(f"{url}/ws/bots/moderation?after={cursor}", additional_headers=headers)

    with ThreadPoolExecutor(1) as waiting, socket(guard) as pushed:
        assert json.loads(pushed.recv(PATIENCE_SECONDS))["comments"] == []
        polled = waiting.submit(server.get, f"/api/bots/moderation?after={cursor}&wait=30", **as_guard)
        assert server.post({"id": "held-1", "text": "May I?", "username": "Ada"}).status == 202
        page = polled.result(PATIENCE_SECONDS).json()
        envelope = {"comments": []}
        while not envelope["comments"]:
            envelope = json.loads(pushed.recv(PATIENCE_SECONDS))
    for told in (page, envelope):
        assert [(comment["id"], comment["state"]) for comment in told["comments"]] == [("held-1", "held")]
    assert page["cursor"] == server.get(f"/api/bots/moderation?after={cursor}", **as_guard).json()["cursor"]
    for token, code in (("", 4401), ("wrong", 4401), (echo, 4403)):
        with socket(token) as refused, pytest.raises(ConnectionClosed) as closed:
            refused.recv(PATIENCE_SECONDS)
        assert closed.value.rcvd.code == code
    assert server.get(f"/api/bots/moderation?after={page['cursor']}&wait=1", **as_guard).json()["comments"] == []
