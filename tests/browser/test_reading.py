"""Following the stream."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import UNLIMITED, WITHIN_ONE_POLL_MS, history, import_into, moderate, wait_until

WAKING = [
    "dispatchEvent(new Event('focus'))",
    "dispatchEvent(new Event('online'))",
    "document.dispatchEvent(new Event('visibilitychange'))",
]
COUNT_REQUESTS = """
  window.requests = { made: 0, running: 0, most: 0 };
  const { fetch } = window;
  window.fetch = async (...request) => {
    requests.made += 1;
    requests.running += 1;
    requests.most = Math.max(requests.most, requests.running);
    const response = await fetch(...request);
    const text = response.text.bind(response);
    response.text = () => text().finally(() => { requests.running -= 1; });
    return response;
  };
"""


def test_a_post_in_one_browser_shows_in_another_within_one_poll(arrive, site):
    ada, ben = arrive(site).opens().is_live(), arrive(site).opens().is_live()
    ada.is_named("Ada").says("from one browser to the other")
    ben.sees("from one browser to the other")


def test_a_refresh_shows_the_newest_at_once_and_asks_for_none_of_them_again_P1(arrive, new_site):
    import_into(new_site, history(700))
    visitor = arrive(new_site).opens().is_live()
    assert visitor.texts == [f"comment {number}" for number in range(650, 700)]
    new_site.post({"text": "the newest of all", "username": "Eve"})
    visitor.sees("the newest of all")
    requests = []
    visitor.page.on("request", lambda request: requests.append(request.url))
    visitor.page.reload()
    visitor.is_live()
    assert visitor.texts == [*(f"comment {number}" for number in range(651, 700)), "the newest of all"]
    assert [url for url in requests if "/api/comments?" in url] == []


def test_a_page_that_the_browser_has_kept_catches_up_P1_P38(arrive, new_site):
    import_into(new_site, history(60))
    html = new_site.get("/").body
    new_site.post({"text": "since it was kept", "username": "Eve"})
    moderate(new_site, "hide", "history-59")
    visitor = arrive(new_site)
    visitor.expects_failing_requests()  # to Chromium this page comes from nowhere, and may open no WebSocket
    visitor.page.route(new_site.url + "/", lambda route: route.fulfill(body=html, content_type="text/html"))
    visitor.opens().is_live()
    visitor.sees("since it was kept")
    visitor.does_not_see("comment 59")


def test_the_server_has_rendered_the_newest_in_view_before_any_script_runs_P1(arrive, new_site):
    import_into(new_site, history(80))
    reader = arrive(new_site, java_script_enabled=False).opens()
    expect(reader.comment("comment 79")).to_be_in_viewport()
    assert len(reader.texts) == 50


def test_a_hidden_comment_disappears_within_one_poll_and_returns_when_restored_P8(visitor, site):
    site.post({"id": "to-hide", "text": "soon hidden", "username": "Eve"})
    visitor.sees("soon hidden")
    moderate(site, "hide", "to-hide")
    visitor.does_not_see("soon hidden")
    moderate(site, "restore", "to-hide")
    visitor.sees("soon hidden")


def test_comments_stay_in_order_when_one_returns_between_others_R36(arrive, new_site):
    import_into(new_site, history(5))
    visitor = arrive(new_site).opens().is_live()
    moderate(new_site, "hide", "history-2")
    visitor.does_not_see("comment 2")
    moderate(new_site, "restore", "history-2")
    visitor.sees("comment 2")
    assert visitor.texts == [f"comment {number}" for number in range(5)]


def test_a_page_catches_up_after_the_network_was_away_without_a_hole(polling_visitor, site):
    polling_visitor.expects_failing_requests()
    polling_visitor.context.set_offline(True)
    expect(polling_visitor.page.locator("#connection")).to_have_text("Offline", timeout=WITHIN_ONE_POLL_MS)
    for number in range(30):
        site.post({"text": f"while away {number}", "username": "Eve"})
    polling_visitor.context.set_offline(False)
    polling_visitor.sees("while away 29")
    assert [text for text in polling_visitor.texts if text.startswith("while away")] == [
        f"while away {n}" for n in range(30)
    ]
    expect(polling_visitor.page.locator("#connection")).to_have_text("Live")


def test_a_failing_server_is_not_taken_for_an_empty_stream_R15(polling_visitor, site):
    polling_visitor.expects_failing_requests()
    before = polling_visitor.texts
    unavailable = {"status": 503, "headers": {"Retry-After": "1"}, "body": '{"error": "Away.", "code": "unavailable"}'}
    polling_visitor.page.route("**/api/changes*", lambda route: route.fulfill(**unavailable))
    expect(polling_visitor.page.locator("#connection")).to_have_text("Reconnecting…")
    assert polling_visitor.texts == before
    polling_visitor.page.unroute("**/api/changes*")
    site.post({"text": "after the outage", "username": "Eve"})
    polling_visitor.sees("after the outage", timeout=WITHIN_ONE_POLL_MS + 4000)


def test_a_cursor_that_the_server_has_forgotten_makes_the_page_load_afresh(polling_visitor, site):
    polling_visitor.expects_failing_requests()
    gone = {"status": 410, "body": '{"error": "Load afresh.", "code": "cursor_too_old"}'}
    polling_visitor.page.route("**/api/changes*", lambda route: route.fulfill(**gone), times=1)
    with polling_visitor.page.expect_request("**/api/comments?limit=500"):
        pass
    site.post({"text": "after the forgotten cursor", "username": "Eve"})
    polling_visitor.sees("after the forgotten cursor", timeout=WITHIN_ONE_POLL_MS + 2000)


def test_a_poisoned_comment_becomes_a_placeholder_and_the_cursor_goes_on_R25(polling_visitor, site):
    passed = []

    def poison(route):
        answer = route.fetch().json()
        passed.append(answer["cursor"])
        if not answer["changes"]:
            return route.fulfill(json=answer)
        timestamp = 10 + answer["changes"][-1]["timestamp"]
        bad = [None, 7, {"id": "no-time"}, {"id": "poisoned", "timestamp": timestamp, "text": {"not": "text"}}]
        route.fulfill(json=answer | {"changes": bad + answer["changes"]})

    polling_visitor.page.route("**/api/changes*", poison)
    wait_until(lambda: passed, 20, polling_visitor.page)  # one that is under way already would bring it without poison
    site.post({"text": "beside the poison", "username": "Eve"})
    polling_visitor.sees("This comment cannot be shown.")
    polling_visitor.sees("beside the poison")
    polling_visitor.page.unroute_all(behavior="wait")
    site.post({"text": "after the poison", "username": "Eve"})
    polling_visitor.sees("after the poison")


def test_polling_starts_even_if_storage_throws_R20(arrive, site):
    visitor = arrive(site)
    visitor.context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        "  Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } });"
    )
    visitor.opens().is_live()
    site.post({"text": "without storage", "username": "Eve"})
    visitor.sees("without storage")
    visitor.is_named("Noa").says("posted without storage")
    visitor.sees("posted without storage")


def test_polling_starts_even_if_the_form_cannot_R20(arrive, site):
    visitor = arrive(site)
    visitor.expected.append("broken on purpose")
    visitor.context.add_init_script("HTMLFormElement.prototype.querySelector = () => { throw 'broken on purpose' }")
    visitor.opens().is_live()
    site.post({"text": "without a form", "username": "Eve"})
    visitor.sees("without a form")


def test_relative_times_move_without_new_comments_R50(arrive, new_site):
    visitor = arrive(new_site)
    visitor.page.clock.install()
    visitor.expected.append("WebSocket")  # time flies, and it takes the server for silent
    visitor.opens().is_live()
    new_site.post({"text": "just now", "username": "Eve"})
    visitor.sees("just now")
    visitor.page.clock.run_for(5000)
    time = visitor.comment("just now").locator("time")
    expect(time).to_have_text("now")
    visitor.page.clock.run_for(95_000)
    expect(time).to_have_text("1m")


def test_the_browsers_clock_decides_nothing_but_the_words_for_times_R03(arrive, site):
    visitor = arrive(site)
    visitor.page.clock.set_system_time("2020-01-01")
    visitor.opens().is_live()
    site.post({"text": "years ahead of that clock", "username": "Eve"})
    visitor.sees("years ahead of that clock")


def test_new_comments_are_read_out_politely_and_history_and_own_ones_are_not_P21(arrive, new_site):
    import_into(new_site, history(5))
    visitor = arrive(new_site)
    visitor.context.add_init_script(
        """
        window.modes = [];
        addEventListener("DOMContentLoaded", () => new MutationObserver((mutations) => {
          const added = mutations.flatMap(({ addedNodes }) => [...addedNodes]).map((node) => node.textContent);
          modes.push([document.querySelector("#stream").getAttribute("aria-live"), added.join()]);
        }).observe(document.querySelector("#comments"), { childList: true }));
        """
    )
    visitor.opens().is_live()
    visitor.is_named("Ada").says("my own words")
    expect(visitor.page.locator("#comments").get_by_text("my own words")).to_be_visible()
    expect(visitor.page.locator("#stream")).to_have_attribute("aria-live", "polite")
    new_site.post({"text": "words of others", "username": "Eve"})
    visitor.sees("words of others")
    modes = visitor.page.evaluate("modes")
    assert {mode for mode, text in modes if "my own words" in text} == {"off"}
    assert {mode for mode, text in modes if "words of others" in text} == {"polite"}


def test_fifty_wakings_leave_one_loop_with_one_request_at_a_time_R19(arrive, new_site):
    visitor = arrive(new_site).without_push()
    visitor.context.add_init_script(COUNT_REQUESTS)
    visitor.opens().is_live()
    before = visitor.page.evaluate("requests.made")
    for _ in range(50):
        visitor.page.evaluate("() => {" + ";".join(WAKING) + "}")
    made = visitor.page.evaluate("requests.made") - before
    assert 1 <= made <= 50 + 10, "each waking asks once at most, and the loop has its own turns meanwhile"
    assert visitor.page.evaluate("requests.most") == 1


def test_typing_and_clicking_asks_for_nothing_R21(arrive, rare_site):
    visitor = arrive(rare_site).opens().is_live()
    requests = []
    visitor.page.on("request", lambda request: requests.append(request.url))
    visitor.page.locator("#text").press_sequentially("x" * 100)
    visitor.page.click("#name")
    visitor.page.click("#stream")
    assert requests == []


@pytest.mark.parametrize("waking", WAKING)
def test_a_page_that_is_looked_at_again_asks_at_once_R22(arrive, rare_site, waking):
    server = rare_site
    visitor = arrive(server).without_push().opens().is_live()
    server.post({"text": "while you were away", "username": "Eve"})

    def sees_after_waking() -> bool:
        visitor.page.evaluate(waking)
        return visitor.comment("while you were away").count() == 1

    wait_until(sees_after_waking, WITHIN_ONE_POLL_MS / 1000, visitor.page)


def test_the_page_works_with_the_files_as_they_are_checked_out(arrive, make_server):
    with make_server("sqlite", as_checked_out=True, **UNLIMITED) as server:
        visitor = arrive(server).opens().is_live()
        assert visitor.page.get_attribute("script[type=module]", "src") == "/static/js/main.js"
        visitor.is_named("Ada").says("with plain names")
        visitor.sees("with plain names")
        visitor.page.close()


def test_no_cookie_is_set_and_what_is_kept_is_name_colour_and_draft(visitor):
    visitor.is_named("Ada").says("keeping little")
    visitor.sees("keeping little")
    assert visitor.context.cookies() == []
    # what was sent is kept no longer, but for its id
    visitor.waits_for("Object.keys(localStorage).sort().join() === 'identity,known,own'")
    assert visitor.page.evaluate("Object.keys(sessionStorage)") == ["draft"]
    assert set(json.loads(visitor.page.evaluate("localStorage.identity"))) == {"username", "color"}
