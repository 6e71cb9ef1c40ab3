"""The write door."""

import time

import pytest

from comments.callers.bots import Bot
from comments.errors import Refused
from comments.models import Comment
from comments.stream.clock import StreamClock
from tests.support.cast import VISITOR

OTHER_VISITOR = "203.0.113.2"
HELLO = {"text": "Hello", "username": "Ada"}
ID = "1759244943773-z4timztmx"

pytestmark = pytest.mark.django_db


def test_a_visitor_posts_and_gets_the_stored_comment(api):
    response = api.post(HELLO)
    assert response.status_code == 201
    comment = response.json()
    assert (comment["text"], comment["username"], comment["message-type"]) == ("Hello", "Ada", "human")
    assert api.get(f"/api/comments/{comment['id']}").json() == comment


def test_R02_the_time_a_client_claims_decides_nothing(api):
    now = time.time_ns() // 1_000_000
    claims = [now + 10 * 365 * 86_400_000, now - 600_000, now]
    ids = [api.post({**HELLO, "timestamp": claim}).json()["id"] for claim in claims]
    delivered = api.get(f"/api/comments?after={now - 1_000}").json()
    assert [comment["id"] for comment in delivered] == ids
    assert all(now - 1_000 < comment["timestamp"] < now + 60_000 for comment in delivered)
    assert api.get(f"/api/comments?after={delivered[-1]['timestamp']}").json() == []


def test_R09_a_poster_sees_its_own_comment_in_the_very_next_request_on_both_paths(api):
    api.get("/api/comments?limit=500")  # the cached path is warm, without the comment
    comment = api.post(HELLO).json()
    assert api.get("/api/comments?limit=500").json()["comments"] == [comment]
    assert api.get("/api/comments?limit=500&fresh=true").json()["comments"] == [comment]
    assert api.get("/api/comments?after=0&fresh=true").json() == [comment]


def test_R54_R55_the_same_comment_posted_again_is_one_comment(api):
    first = api.post({**HELLO, "id": ID})
    again = api.post({**HELLO, "id": ID})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert api.get("/api/comments").json()["total"] == 1


@pytest.mark.parametrize(
    "other", [{"text": "Bye"}, {"username": "Eve"}, {"color": "#ff0000"}, {"domain": "news"}, {"context": ["x"]}]
)
def test_R54_an_id_cannot_be_taken_over_with_other_content(api, other):
    api.post({**HELLO, "id": ID})
    response = api.post({**HELLO, "id": ID, **other})
    assert (response.status_code, response.json()["code"]) == (409, "id_taken")
    assert Comment.objects.get(pk=ID).text == "Hello"


def test_R54_an_id_cannot_be_taken_over_by_another_author(api):
    api.post({**HELLO, "id": ID})
    assert api.post({**HELLO, "id": ID}, address=OTHER_VISITOR).status_code == 409


def test_R55_a_retry_is_answered_even_when_the_author_is_over_the_limit(api, settings):
    settings.POSTS_PER_MINUTE = 1
    assert api.post({**HELLO, "id": ID}).status_code == 201
    assert api.post({**HELLO, "id": ID}).status_code == 200
    assert api.post(HELLO).status_code == 429


@pytest.mark.parametrize("verb", ["hide", "erase"])
def test_a_retry_of_what_a_moderator_removed_says_so(api, verb):
    api.post({**HELLO, "id": ID})
    getattr(Comment.objects.filter(pk=ID), verb)()
    response = api.post({**HELLO, "id": ID})
    assert (response.status_code, response.json()["code"]) == (403, "removed")


def test_R18_a_comment_is_found_by_the_id_its_poster_gave_it(api, bot_token):
    api.post({**HELLO, "id": ID})
    noted = api.patch(f"/api/comments/{ID}", {"botParams": {"processed": True}}, authorization=f"Bearer {bot_token}")
    assert (noted.status_code, noted.json()["botParams"]) == (200, {"processed": True})


def test_a_colour_is_chosen_from_the_name_and_stays(api):
    colors = [api.post({"text": "Hi", "username": name}).json()["color"] for name in ("Ada", "ADA", "Bob")]
    assert colors[0] == colors[1] != colors[2]


def test_a_reply_needs_a_comment_that_can_be_seen(api, post, held):
    target = post("question")
    assert api.post({**HELLO, "replyTo": target.id}).json()["replyTo"] == target.id
    waiting = held("waiting")
    for unknown in ("nobody", waiting.id):
        response = api.post({**HELLO, "replyTo": unknown})
        assert (response.status_code, response.json()["code"]) == (422, "unknown_reply_target")


def test_a_banned_visitor_is_refused_and_nothing_is_stored(api, banned_visitor):
    response = api.post(HELLO, address=banned_visitor)
    assert (response.status_code, response.json()["code"]) == (403, "banned")
    assert api.post(HELLO).status_code == 201
    assert Comment.objects.count() == 1


def test_a_held_comment_is_answered_202_and_enters_the_stream_when_it_is_released(api, settings, changes):
    settings.HOLD_COMMENTS = True
    response = api.post({**HELLO, "id": ID})
    assert (response.status_code, response.json()["id"]) == (202, ID)
    assert response.json()["reason"]
    assert api.post({**HELLO, "id": ID}).status_code == 202
    newest = api.get("/api/comments").json()
    assert (newest["comments"], newest["total"], api.get(f"/api/comments/{ID}").status_code) == ([], 0, 404)
    assert changes()["changes"] == []
    seen_until = time.time_ns() // 1_000_000 - 1

    Comment.objects.filter(pk=ID).release()

    assert [change["id"] for change in changes(newest["cursor"])["changes"]] == [ID]
    assert [comment["id"] for comment in api.get(f"/api/comments?after={seen_until}").json()] == [ID]
    assert api.post({**HELLO, "id": ID}).status_code == 200


def test_R57_only_a_bot_posts_as_AI(api, bot_token):
    forged = api.post({**HELLO, "message-type": "AI"})
    assert (forged.status_code, forged.json()["code"]) == (403, "bot_token_required")
    real = api.post({**HELLO, "message-type": "AI"}, authorization=f"Bearer {bot_token}")
    assert (real.status_code, real.json()["message-type"]) == (201, "AI")


def test_R57_a_wrong_token_is_refused_and_never_taken_for_a_visitor(api, bot_token):
    for authorization in ("Bearer wrong", f"Basic {bot_token}", bot_token, "Bearer", "Bearer é"):
        response = api.post(HELLO, authorization=authorization)
        assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    Bot.objects.update(is_active=False)
    assert api.post(HELLO, authorization=f"Bearer {bot_token}").status_code == 401


def test_an_old_bot_is_known_by_its_network(api, settings):
    from ipaddress import ip_network

    settings.TRUSTED_BOT_NETWORKS = [ip_network("203.0.113.0/24")]
    assert api.post({**HELLO, "message-type": "AI"}, address="203.0.113.7").status_code == 201
    assert api.post({**HELLO, "message-type": "AI"}, address="198.51.100.7").status_code == 403


def test_R56_only_a_bot_notes_bot_params_and_they_keep_their_shape(api, post, bot_token):
    comment = post(bot_params={"processed": False})
    path, as_bot = f"/api/comments/{comment.id}", {"authorization": f"Bearer {bot_token}"}
    assert api.patch(path, {"botParams": {"processed": True}}).status_code == 401
    for wrong in ({"botParams": 5}, {"botParams": None}, {}, {"text": "forged"}, {"botParams": {}, "text": "forged"}):
        assert api.patch(path, wrong, **as_bot).status_code == 422
    assert api.patch(path, {"botParams": {"reply": "r1"}}, **as_bot).json()["botParams"] == {
        "processed": False,
        "reply": "r1",
    }
    assert api.patch("/api/comments/nobody", {"botParams": {}}, **as_bot).status_code == 404
    for part in range(9):
        last = api.patch(path, {"botParams": {f"part{part}": "x" * 250}}, **as_bot)
    assert (last.status_code, last.json()["code"]) == (422, "bot_params_too_large")


def test_R07_a_note_of_a_bot_takes_nothing_from_readers(api, post, bot_token, changes):
    ids = [post(f"number {n}").id for n in range(5)]
    cursor = changes()["cursor"]
    for _ in range(3):
        for id in ids:
            api.patch(f"/api/comments/{id}", {"botParams": {"seen": True}}, authorization=f"Bearer {bot_token}")
            for path in ("/api/comments", "/api/comments?fresh=true"):
                assert [comment["id"] for comment in api.get(path).json()["comments"]] == ids
    assert changes(cursor)["changes"] == [], "and is no news to them"


def test_R17_every_documented_field_comes_back_as_it_was_posted(api, post, make_bot):
    target = post()
    sent = {
        "id": ID,
        "text": "Zwei\n\nZeilen",
        "username": "Ådå Bøt",
        "color": "001002003",
        "domain": "news.example",
        "language": "de-AT",
        "message-type": "AI",
        "misc": "note",
        "replyTo": target.id,
        "context": ["Ada: hello", {"deep": [1, 2.5, None, True]}],
        "botParams": {"processed": False, "entity": "Tesla"},
    }
    as_bot = {"authorization": f"Bearer {make_bot('Ådå Bøt', color='001002003')[1]}"}
    posted = api.post(sent, **as_bot)
    assert posted.status_code == 201
    expected = {**sent, "timestamp": posted.json()["timestamp"], "staff": False}
    assert posted.json() == api.get(f"/api/comments/{ID}", **as_bot).json() == expected
    assert api.get("/api/comments", **as_bot).json()["comments"][-1] == expected
    assert api.get("/api/comments?after=0", **as_bot).json()[-1] == expected
    change = api.get("/api/changes?after=0", **as_bot).json()["changes"][-1]
    assert change == {**expected, "version": change["version"]}


def test_R58_what_is_for_bots_is_not_in_any_public_read(api, bot_token):
    public = api.post({**HELLO, "id": ID, "context": ["secret"], "botParams": {"secret": 1}})
    reads = [
        "/api/comments",
        "/api/comments?fresh=true",
        "/api/comments?after=0",
        f"/api/comments/{ID}",
        "/api/changes?after=0",
        "/",
    ]
    assert "secret" not in public.content.decode()
    for path in reads:
        assert "secret" not in api.get(path).content.decode(), path
    assert "secret" in api.get("/api/comments", authorization=f"Bearer {bot_token}").content.decode()
    assert "secret" not in api.get("/api/comments").content.decode()  # nor from the cache, after a bot has read


def test_R58_what_is_for_bots_has_a_size(api):
    for field, code in (("context", "context_too_large"), ("botParams", "bot_params_too_large")):
        response = api.post({**HELLO, field: {"a": "x" * 9_000}})
        assert (response.status_code, response.json()["code"]) == (422, code)


def test_nothing_is_stored_of_what_was_refused(api):
    for wrong in ({"text": "\0"}, {"username": " "}, {"color": "red"}, {"text": "x" * 1001}, {"replyTo": "nobody"}):
        assert api.post({**HELLO, **wrong}).status_code == 422
    assert Comment.objects.count() == StreamClock.now().visible_total == 0


def test_refused_says_what_is_wrong_for_people_and_programs():
    refused = Refused(422, "text_too_long", "Too long.")
    assert (refused.status, refused.code, str(refused)) == (422, "text_too_long", "Too long.")


def test_the_address_of_a_visitor_is_not_stored(api):
    api.post(HELLO)
    stored = Comment.objects.values().get()
    assert VISITOR not in str(stored)
    assert len(stored["author_key"]) == 32


def test_a_bot_is_not_held_with_everybody(api, bot_token, settings):
    settings.HOLD_COMMENTS = True
    comment = {"text": "Hello", "username": "Ada"}
    assert api.post(comment).status_code == 202
    assert api.post(comment, authorization=f"Bearer {bot_token}").status_code == 201
    assert [shown["username"] for shown in api.get("/api/comments").json()["comments"]] == ["echo"]


def test_a_bot_does_not_pass_a_ban(api, bot_token, banned_visitor):
    response = api.post(
        {"text": "Hi", "username": "echo"}, address=banned_visitor, authorization=f"Bearer {bot_token}"
    )
    assert (response.status_code, response.json()["code"]) == (403, "banned")
    assert not Comment.objects.exists()
