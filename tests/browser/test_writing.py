"""Saying something, and what becomes of it when something goes wrong."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import POLL_AFTER_MS, UNLIMITED, WITHIN_ONE_POLL_MS, wait_until


@pytest.fixture
def writer(visitor):
    return visitor.is_named("Ada")


@pytest.fixture
def polling_writer(polling_visitor):
    return polling_visitor.is_named("Ada")


@pytest.fixture
def posts(writer):
    """The bodies of the writer's POST requests."""
    return writer.posts()


def test_an_own_comment_shows_at_once_and_then_exactly_once_P11(writer):
    writer.page.route("**/api/comments", lambda route: None if route.request.method == "POST" else route.continue_())
    writer.says("shown before it is sent")
    expect(writer.page.locator("#outbox .comment--waiting")).to_have_count(1)
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
    wait_until(lambda: writer.in_stream("only once") == 1, 5, writer.page)
    writer.sees("only once")
    assert writer.page.evaluate("most") == 1


def test_an_own_comment_is_not_doubled_when_the_poll_answers_before_the_post_P11(polling_writer):
    answers = []

    def answer_late(route):
        answers.append((route, route.fetch()))  # the server has stored it; the browser does not know yet

    polling_writer.page.route("**/api/comments", answer_late)
    polling_writer.says("the poll was faster")
    wait_until(lambda: polling_writer.in_stream("the poll was faster") == 1, 5, polling_writer.page)
    polling_writer.sees("the poll was faster")
    expect(polling_writer.page.locator("#outbox .comment")).to_have_count(0)
    with polling_writer.page.expect_response("**/api/changes*"):
        answers[0][0].fulfill(response=answers[0][1])
    polling_writer.sees("the poll was faster")
    polling_writer.page.unroute("**/api/comments")


def test_double_enter_and_double_click_send_one_comment_R42_P15(writer, posts):
    writer.page.fill("#text", "double enter")
    writer.page.press("#text", "Enter")
    writer.page.press("#text", "Enter")
    writer.page.fill("#text", "double click")
    writer.page.dblclick("#send")
    writer.sees("double enter")
    writer.sees("double click")
    assert [post["text"] for post in posts] == ["double enter", "double click"]


def test_enter_sends_and_shift_enter_begins_a_line_that_all_readers_see_P9_R48(writer, arrive, site):
    writer.page.fill("#text", "first line")
    writer.page.press("#text", "Shift+Enter")
    writer.page.keyboard.type("second line")
    writer.page.press("#text", "Enter")
    reader = arrive(site).opens().is_live()
    wait_until(lambda: reader.in_stream("first line\nsecond line") == 1, 5, reader.page)
    height = reader.stands_still().page.locator(".comment__text").last.bounding_box()["height"]
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
    wait_until(lambda: writer.in_stream("🥀" * 1000) == 1, 5, writer.page)
    expect(writer.page.locator("#outbox .comment")).to_have_count(0)


def test_the_counter_shows_only_near_the_limit_P14(writer):
    writer.page.fill("#text", "x" * 899)
    expect(writer.page.locator("#count")).to_have_text("")
    writer.page.fill("#text", "x" * 900)
    expect(writer.page.locator("#count")).to_have_text("100")
    expect(writer.page.locator("#announcer")).to_have_text("100 characters left.")


def test_an_emoji_of_several_code_points_counts_as_one_character_and_the_room_is_the_servers_P14(writer, posts):
    family = "👨‍👩‍👧‍👦"  # 7 code points
    writer.page.fill("#text", "x" * 950 + family)
    expect(writer.page.locator("#count")).to_have_text("951 characters, room for 43")
    writer.page.fill("#text", family * 143)  # 1,001 code points
    expect(writer.page.locator("#count")).to_have_text("-1")
    writer.page.press("#text", "Enter")
    expect(writer.page.locator("#problem")).to_contain_text("1 character too long")
    writer.page.press("#text", "Control+End")
    writer.page.keyboard.press("Backspace")
    wait_until(lambda: "-" not in writer.page.locator("#count").text_content(), 5, writer.page)
    assert posts == []
    writer.says(family * 142)
    wait_until(lambda: writer.in_stream(family * 142) == 1, 5, writer.page)


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


def test_posting_too_fast_says_for_how_long_and_writing_goes_on_P16(arrive, start_server):
    server = start_server("sqlite", **UNLIMITED | {"POSTS_PER_MINUTE": "1"})
    writer = arrive(server).opens().is_live().is_named("Ada")
    writer.expects_failing_requests()
    writer.says("first")
    writer.sees("first")
    writer.says("too soon")
    expect(writer.page.locator("#waiting")).to_contain_text("too fast")
    expect(writer.page.locator("#waiting")).to_contain_text("1 waiting, it goes by itself.")
    expect(writer.page.get_by_role("button", name="Retry in")).to_have_attribute("aria-disabled", "true")
    assert 1 <= int(writer.page.get_attribute("#send", "data-wait").removesuffix(" s")) <= 60
    writer.says("still writing")
    expect(writer.page.locator("#text")).to_have_value("still writing")
    expect(writer.page.locator("#announcer")).to_contain_text("You can send again in")


def test_a_countdown_that_ends_sends_the_comment_P16(writer):
    writer.expects_failing_requests()
    limited = {
        "status": 429,
        "headers": {"Retry-After": "1"},
        "body": '{"error": "Slow down.", "code": "rate_limited"}',
    }
    writer.page.route("**/api/comments", lambda route: route.fulfill(**limited), times=1)
    writer.says("patience")
    wait_until(lambda: writer.in_stream("patience") == 1, 5, writer.page)


def test_a_comment_can_be_read_and_posted_without_a_script_P34(arrive, site):
    visitor = arrive(site, java_script_enabled=False).opens()
    visitor.page.fill("#name", "Plain")
    visitor.page.fill("#text", "no script\nneeded")
    visitor.page.click("#send")
    assert visitor.texts.count("no script\nneeded") == 1
    expect(visitor.page.locator(".comment").last).to_be_in_viewport()


def test_without_a_script_the_name_is_still_there_after_a_post_P34(arrive, site):
    visitor = arrive(site, java_script_enabled=False).opens()
    visitor.page.fill("#name", "Plain & simple 🥀")
    for text in ("no script, once", "no script, twice"):
        visitor.page.fill("#text", text)
        visitor.page.click("#send")
        assert visitor.texts.count(text) == 1
        expect(visitor.page.locator("#name")).to_have_value("Plain & simple 🥀")
        expect(visitor.page.locator("#text")).to_have_value("")
    assert visitor.context.cookies() == []


def test_a_name_in_the_address_does_not_replace_the_visitors_own(visitor):
    visitor.is_named("Ada").says("with my own name")
    visitor.opens("/?username=Mallory").is_live()
    expect(visitor.page.locator("#name")).to_have_value("Ada")


def test_without_a_script_a_refused_form_comes_back_with_its_words_P34(arrive, site):
    visitor = arrive(site, java_script_enabled=False).opens()
    visitor.expects_failing_requests()
    visitor.page.fill("#name", "a name longer than sixteen")
    visitor.page.fill("#text", "keep\nthis")
    visitor.page.click("#send")
    expect(visitor.page.locator("#problem")).to_contain_text("longer than 16")
    expect(visitor.page.locator("#text")).to_have_value("keep\nthis")
    expect(visitor.page.locator("#name")).to_have_value("a name longer than sixteen")


def test_the_next_poll_shows_an_own_comment_without_waiting_for_its_turn_R09(arrive, rare_site):
    writer = arrive(rare_site).without_push().opens().is_live().is_named("Ada")
    writer.says("no minute to wait")
    wait_until(lambda: writer.in_stream("no minute to wait") == 1, WITHIN_ONE_POLL_MS / 1000, writer.page)
    assert POLL_AFTER_MS < 60_000
