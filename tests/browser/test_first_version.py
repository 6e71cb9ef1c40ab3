"""The verification tests of the first version's fresh polling, through the doors that its page and its bot used."""

import time

from tests.browser.conftest import history, import_into

BOT_POLL = "/api/comments?limit=20&domain=all&sort=timestamp&order=desc&fresh=true"


def test_1_a_post_from_one_browser_shows_in_another_within_5_s_and_in_a_bots_poll_within_3_s(arrive, server):
    """With the pace that a site has whose owner set nothing."""
    ada, bob = arrive(server).opens().is_live(), arrive(server).opens().is_live()
    ada.is_named("Ada").says("Is anybody there?")
    deadline = time.monotonic() + 3
    while "Is anybody there?" not in [comment["text"] for comment in server.get(BOT_POLL).json()["comments"]]:
        assert time.monotonic() < deadline, "The bot has not seen the post within 3 s."
        ada.page.wait_for_timeout(100)
    bob.sees("Is anybody there?", timeout=5_000)


def test_2_fifteen_hundred_new_messages_are_drained_completely_oldest_first_R04(server):
    import_into(server, history(1_500))
    drained, after = [], 0
    while page := server.get(f"/api/comments?after={after}&limit=200&fresh=true").json():
        assert len(page) <= 200
        drained += page
        after = page[-1]["timestamp"]
    assert [comment["text"] for comment in drained] == [f"comment {number}" for number in range(1_500)]


def test_3_a_refresh_shows_the_newest_at_once_and_the_cached_path_has_500(arrive, server):
    import_into(server, history(1_500))
    visitor = arrive(server)
    asked = []
    visitor.page.on("request", lambda request: asked.append(request.url.removeprefix(server.url)))
    for _ in range(2):
        asked.clear()
        visitor.opens().is_live()
        assert visitor.texts == [f"comment {number}" for number in range(1_450, 1_500)]
        assert not [path for path in asked if "fresh" in path]
    newest = server.get("/api/comments?limit=500").json()
    assert [comment["text"] for comment in newest["comments"]] == [
        f"comment {number}" for number in range(1_000, 1_500)
    ]
    assert newest == server.get("/api/comments?limit=500&fresh=true").json()
