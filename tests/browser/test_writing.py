"""Saying something, and what becomes of it when something goes wrong."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import POLL_AFTER_MS, UNLIMITED, WITHIN_ONE_POLL_MS, broken_route, moderate, wait_until


@pytest.fixture
def writer(visitor):
    return visitor.is_named("Ada")


@pytest.fixture
def posts(writer):
    """The bodies of the writer's POST requests."""
    posts = []
    writer.page.on("request", lambda request: request.method == "POST" and posts.append(json.loads(request.post_data)))
    return posts


def in_stream(visitor, text: str) -> int:
    return visitor.texts.count(text)


def test_an_own_comment_shows_at_once_and_then_exactly_once_P11(writer):
    writer.page.route("**/api/comments", lambda route: None if route.request.method == "POST" else route.continue_())
    writer.says("shown before it is sent")
    expect(writer.page.locator("#outbox .comment--sending")).to_have_count(1)
    writer.sees("shown before it is sent")
    writer.page.unroute("**/api/comments")


def test_an_own_comment_is_replaced_by_the_servers_copy_without_a_double_P11(writer):
    writer.page.evaluate(
        """() => {
          window.most = 0;
          const count = () => [...document.querySelectorAll(".comment__text")]
            .filter((text) => text.textContent === "only once").length;
          const look = () => { most = Math.max(most, count()); requestAnimationFrame(look); };
          look();
        }"""
    )
    writer.says("only once")
    wait_until(lambda: in_stream(writer, "only once") == 1, 5, writer.page)
    writer.sees("only once")
    assert writer.page.evaluate("most") == 1


def test_an_own_comment_is_not_doubled_when_the_poll_answers_before_the_post_P11(writer):
    answers = []

    def answer_late(route):
        answers.append((route, route.fetch()))  # the server has stored it; the browser does not know yet

    writer.page.route("**/api/comments", answer_late)
    writer.says("the poll was faster")
    wait_until(lambda: in_stream(writer, "the poll was faster") == 1, 5, writer.page)
    writer.sees("the poll was faster")
    expect(writer.page.locator("#outbox .comment")).to_have_count(0)
    with writer.page.expect_response("**/api/changes*"):
        answers[0][0].fulfill(response=answers[0][1])
    writer.sees("the poll was faster")
    writer.page.unroute("**/api/comments")


def test_double_enter_and_double_click_send_one_comment_R42_P15(writer, posts):
    writer.page.fill("#text", "double enter")
    writer.page.press("#text", "Enter")
    writer.page.press("#text", "Enter")
    writer.page.fill("#text", "double click")
    writer.page.dblclick("#send")
    writer.sees("double enter")
    writer.sees("double click")
    assert [post["text"] for post in posts] == ["double enter", "double click"]


def test_a_failed_post_keeps_the_text_with_retry_under_the_same_id_R41_P12(writer, posts):
    with broken_route(writer, "**/api/comments"):
        writer.says("do not lose me")
        failed = writer.page.locator(".comment--failed")
        expect(failed).to_contain_text("do not lose me")
        expect(failed).to_contain_text("The server could not be reached.")
    failed.get_by_role("button", name="Retry").click()
    wait_until(lambda: in_stream(writer, "do not lose me") == 1, 5, writer.page)
    writer.sees("do not lose me")
    assert len({post["id"] for post in posts}) == 1 < len(posts)


def test_a_failed_post_leaves_no_ghost_after_a_reload_but_its_text_R41(writer, arrive, site):
    with broken_route(writer, "**/api/comments"):
        writer.says("never arrived")
        expect(writer.page.locator(".comment--failed")).to_have_count(1)
    writer.page.reload()
    writer.is_live()
    writer.does_not_see("never arrived")
    expect(writer.page.locator("#text")).to_have_value("never arrived")
    other = arrive(site).opens().is_live()
    other.does_not_see("never arrived")


def test_a_discarded_comment_is_gone_by_keyboard_too_R41_P12(writer):
    with broken_route(writer, "**/api/comments"):
        writer.says("changed my mind")
        discard = writer.page.get_by_role("button", name="Discard")
        discard.focus()
        writer.page.keyboard.press("Enter")
    writer.does_not_see("changed my mind")
    writer.page.reload()
    expect(writer.page.locator("#text")).to_have_value("")


def test_a_post_whose_answer_was_lost_is_stored_once_even_across_a_reload_R55(writer, posts):
    def lose_answer(route):
        if route.request.method != "POST":
            return route.continue_()
        route.fetch()
        route.abort()

    writer.expects_failing_requests()
    writer.page.route("**/api/changes*", lambda route: route.abort())  # the poll cannot bring it either
    writer.page.route("**/api/comments", lose_answer)
    writer.says("stored, but who knows")
    expect(writer.page.locator(".comment--failed")).to_have_count(1)
    writer.page.unroute_all()
    writer.page.reload()
    writer.is_live()
    writer.sees("stored, but who knows")
    expect(writer.page.locator("#text")).to_have_value("")


def test_what_is_being_written_survives_a_reload_P13(writer):
    writer.page.fill("#text", "half a thought\nand")
    writer.page.reload()
    expect(writer.page.locator("#text")).to_have_value("half a thought\nand")


def test_comments_written_offline_are_sent_in_order_on_return_P13(writer):
    writer.expects_failing_requests()
    writer.context.set_offline(True)
    for number in range(3):
        writer.says(f"written offline {number}")
    expect(writer.page.locator(".comment--failed")).to_have_count(3)
    expect(writer.page.locator(".comment--failed").first).to_contain_text("You are offline.")
    writer.context.set_offline(False)
    wait_until(lambda: in_stream(writer, "written offline 2") == 1, 8, writer.page)
    assert [text for text in writer.texts if "written offline" in text] == [f"written offline {n}" for n in range(3)]


def test_enter_sends_and_shift_enter_begins_a_line_that_all_readers_see_P9_R48(writer, arrive, site):
    writer.page.fill("#text", "first line")
    writer.page.press("#text", "Shift+Enter")
    writer.page.keyboard.type("second line")
    writer.page.press("#text", "Enter")
    reader = arrive(site).opens().is_live()
    wait_until(lambda: in_stream(reader, "first line\nsecond line") == 1, 5, reader.page)
    height = reader.page.locator(".comment__text").last.bounding_box()["height"]
    assert height >= 2 * 24


@pytest.mark.parametrize("event", ['{ key: "Enter", isComposing: true }', '{ key: "Enter", keyCode: 229 }'])
def test_enter_that_ends_a_composition_never_sends_P10(writer, posts, event):
    writer.page.fill("#text", "にほん")
    was_left_alone = writer.page.evaluate(
        f"""() => document.querySelector("#text").dispatchEvent(
          new KeyboardEvent("keydown", Object.assign({event}, {{ bubbles: true, cancelable: true }})))"""
    )
    assert was_left_alone
    assert posts == []
    expect(writer.page.locator("#text")).to_have_value("にほん")


def test_text_over_the_limit_can_be_edited_and_is_neither_sent_nor_cut_R46_P14(writer, posts):
    writer.page.fill("#text", "x" * 1012)
    expect(writer.page.locator("#count")).to_have_text("-12")
    writer.page.press("#text", "Enter")
    expect(writer.page.locator("#problem")).to_contain_text("12 characters too long")
    assert len(writer.page.input_value("#text")) == 1012
    assert posts == []
    writer.page.press("#text", "Control+End")
    for _ in range(12):
        writer.page.keyboard.press("Backspace")
    expect(writer.page.locator("#count")).to_have_text("0")
    writer.page.press("#text", "Enter")
    writer.sees("x" * 1000)


def test_the_limit_counts_code_points_as_the_server_does_R46_R47(writer):
    writer.says("🥀" * 1000)
    wait_until(lambda: in_stream(writer, "🥀" * 1000) == 1, 5, writer.page)
    expect(writer.page.locator(".comment--failed")).to_have_count(0)


def test_the_counter_shows_only_near_the_limit_P14(writer):
    writer.page.fill("#text", "x" * 899)
    expect(writer.page.locator("#count")).to_have_text("")
    writer.page.fill("#text", "x" * 900)
    expect(writer.page.locator("#count")).to_have_text("100")
    expect(writer.page.locator("#announcer")).to_have_text("100 characters left.")


def test_a_comment_needs_a_name_of_at_most_16_characters(visitor):
    visitor.says("who am I?")
    expect(visitor.page.locator("#problem")).to_have_text("Choose a name first.")
    expect(visitor.page.locator("#name")).to_be_focused()
    visitor.is_named("seventeen letters")
    visitor.page.press("#text", "Enter")
    expect(visitor.page.locator("#problem")).to_contain_text("at most 16")
    visitor.is_named("🥀" * 16)
    visitor.page.press("#text", "Enter")
    visitor.sees("who am I?")


def test_name_and_colour_are_kept_in_this_browser(visitor):
    visitor.is_named("Kept")
    visitor.page.fill("#color", "#ff0000")
    visitor.page.press("#name", "Tab")
    visitor.page.reload()
    visitor.is_live()
    expect(visitor.page.locator("#name")).to_have_value("Kept")
    visitor.says("in red")
    expect(visitor.comment("in red").locator(".comment__name")).to_have_class("comment__name hue-0")


def test_posting_too_fast_says_for_how_long_and_writing_goes_on_P16(arrive, start_server):
    server = start_server("sqlite", **UNLIMITED | {"POSTS_PER_MINUTE": "1"})
    writer = arrive(server).opens().is_live().is_named("Ada")
    writer.expects_failing_requests()
    writer.says("first")
    writer.sees("first")
    writer.says("too soon")
    failed = writer.page.locator(".comment--failed")
    expect(failed).to_contain_text("too fast")
    expect(failed.get_by_role("button", name="Retry in")).to_have_attribute("aria-disabled", "true")
    assert 1 <= int(writer.page.get_attribute("#send", "data-wait").removesuffix(" s")) <= 60
    writer.says("still writing")
    expect(writer.page.locator("#text")).to_have_value("still writing")
    expect(writer.page.locator("#announcer")).to_contain_text("You can send again in")


def test_a_countdown_that_ends_lets_the_comment_be_sent_P16(writer):
    writer.expects_failing_requests()
    limited = {
        "status": 429,
        "headers": {"Retry-After": "1"},
        "body": '{"error": "Slow down.", "code": "rate_limited"}',
    }
    writer.page.route("**/api/comments", lambda route: route.fulfill(**limited), times=1)
    writer.says("patience")
    retry = writer.page.locator(".comment--failed").get_by_role("button", name="Retry", exact=True)
    expect(retry).to_have_attribute("aria-disabled", "false")
    retry.click()
    wait_until(lambda: in_stream(writer, "patience") == 1, 5, writer.page)


def test_a_held_comment_waits_beside_the_stream_and_enters_it_when_released(arrive, start_server):
    server = start_server("sqlite", **UNLIMITED | {"HOLD_COMMENTS": "true"})
    writer, reader = arrive(server).opens().is_live().is_named("Ada"), arrive(server).opens().is_live()
    writer.says("may I?")
    expect(writer.page.locator(".comment--held")).to_contain_text("Waiting for a moderator.")
    reader.does_not_see("may I?")
    moderate(server, "release", writer.page.get_attribute(".comment--held", "id").removeprefix("comment-"))
    reader.sees("may I?")
    writer.sees("may I?")
    expect(writer.page.locator("#outbox .comment")).to_have_count(0)


def test_a_refused_comment_says_why_in_words_P12(writer):
    writer.expects_failing_requests()
    refused = {"status": 403, "body": '{"error": "Posting has been suspended.", "code": "banned"}'}
    writer.page.route("**/api/comments", lambda route: route.fulfill(**refused), times=1)
    writer.says("hello?")
    expect(writer.page.locator(".comment--failed")).to_contain_text("Posting has been suspended.")


def test_an_id_that_was_taken_is_replaced_on_retry(writer, posts):
    writer.expects_failing_requests()
    taken = {"status": 409, "body": '{"error": "Another comment has this id.", "code": "id_taken"}'}
    writer.page.route("**/api/comments", lambda route: route.fulfill(**taken), times=1)
    writer.says("unlucky number")
    writer.page.get_by_role("button", name="Retry").click()
    wait_until(lambda: in_stream(writer, "unlucky number") == 1, 5, writer.page)
    assert posts[0]["id"] != posts[1]["id"]


def test_a_comment_can_be_read_and_posted_without_a_script_P34(arrive, site):
    visitor = arrive(site, java_script_enabled=False).opens()
    visitor.page.fill("#name", "Plain")
    visitor.page.fill("#text", "no script\nneeded")
    visitor.page.click("#send")
    assert visitor.texts.count("no script\nneeded") == 1
    expect(visitor.page.locator(".comment").last).to_be_in_viewport()


def test_without_a_script_a_refused_form_comes_back_with_its_words_P34(arrive, site):
    visitor = arrive(site, java_script_enabled=False).opens()
    visitor.expects_failing_requests()
    visitor.page.fill("#name", "a name longer than sixteen")
    visitor.page.fill("#text", "keep\nthis")
    visitor.page.click("#send")
    expect(visitor.page.locator("#problem")).to_contain_text("longer than 16")
    expect(visitor.page.locator("#text")).to_have_value("keep\nthis")
    expect(visitor.page.locator("#name")).to_have_value("a name longer than sixteen")


def test_the_next_poll_shows_an_own_comment_without_waiting_for_its_turn_R09(arrive, start_server):
    server = start_server("sqlite", **UNLIMITED | {"POLL_AFTER_MS": "60000"})
    writer = arrive(server).opens().is_live().is_named("Ada")
    writer.says("no minute to wait")
    wait_until(lambda: in_stream(writer, "no minute to wait") == 1, WITHIN_ONE_POLL_MS / 1000, writer.page)
    assert POLL_AFTER_MS < 60_000
