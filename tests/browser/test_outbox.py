"""What was sent is kept in this browser until the server has it: through failures, reloads, other tabs."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import UNLIMITED, Visitor, broken_route, moderate, wait_until

POSTING = "**/api/comments"
BANNED = {"status": 403, "body": '{"error": "Posting has been suspended.", "code": "banned"}'}
STORAGE = "() => Object.keys(localStorage).filter((key) => key.startsWith('outbox '))"


@pytest.fixture
def writer(visitor):
    visitor.expects_failing_requests()
    return visitor.is_named("Ada")


@pytest.fixture
def posts(writer):
    return writer.posts()


def waits(visitor: Visitor, count: int) -> None:
    """The strip says that so many wait."""
    sentence = "1 waiting, it goes by itself." if count == 1 else f"{count} waiting, they go by themselves."
    expect(visitor.page.locator("#waiting")).to_contain_text(sentence, timeout=10_000)


def arrives(visitor: Visitor, *texts: str, seconds: float = 20) -> None:
    """These are in the stream, in this order, once, and nothing is left to be sent."""
    wait_until(lambda: [text for text in visitor.texts if text in texts] == list(texts), seconds, visitor.page)
    expect(visitor.page.locator("#outbox .comment")).to_have_count(0)
    wait_until(lambda: visitor.page.evaluate(STORAGE) == [], 5, visitor.page)


def hold_posts(visitor: Visitor) -> list:
    """What is posted from now on waits here until the test goes on with it."""
    held = []
    visitor.page.route(
        POSTING, lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    return held


def refuse(visitor: Visitor, answer: dict, times: int = 1) -> None:
    """This is the answer to so many posts."""

    def fulfill(route):
        nonlocal times
        if route.request.method == "POST" and times > 0:
            times -= 1
            route.fulfill(**answer)
        else:
            route.fallback()

    visitor.page.route(POSTING, fulfill)


# What fails goes by itself


def test_a_failed_post_is_kept_and_sent_under_the_same_id_R41_R42_P12(writer, posts):
    with broken_route(writer, POSTING):
        writer.says("do not lose me")
        waits(writer, 1)
        expect(writer.page.locator("#waiting")).to_contain_text("The server could not be reached.")
        writer.sees("do not lose me")
        with writer.page.expect_event("requestfailed"):
            writer.page.get_by_role("button", name="Retry").click()
    arrives(writer, "do not lose me")
    assert len({post["id"] for post in posts}) == 1 < len(posts)


def test_nobody_has_to_press_anything_P13(writer):
    with broken_route(writer, POSTING):
        writer.says("by itself 1")
        writer.says("by itself 2")
        waits(writer, 2)
    arrives(writer, "by itself 1", "by itself 2")
    expect(writer.page.locator("#waiting")).to_be_hidden()


def test_comments_written_offline_are_sent_in_order_on_return_P13(writer):
    writer.context.set_offline(True)
    texts = [f"written offline {number}" for number in range(3)]
    for text in texts:
        writer.says(text)
    waits(writer, 3)
    expect(writer.page.locator("#waiting")).to_contain_text("You are offline.")
    writer.context.set_offline(False)
    arrives(writer, *texts, seconds=8)


@pytest.mark.parametrize("answer", [{"status": 403, "body": "<h1>Blocked</h1>"}, {"status": 404, "body": "{}"},
                                    {"status": 502, "body": "<h1>Bad gateway</h1>"}, {"status": 200, "body": "Log in"},
                                    {"status": 201, "body": '{"id": "somebody else\'s"}'}])  # fmt: skip
def test_whoever_answers_in_the_place_of_the_server_refuses_nothing(writer, answer):
    refuse(writer, answer, times=2)
    writer.says(f"through {answer['body']}")
    arrives(writer, f"through {answer['body']}")


def test_a_trouble_is_told_once_in_words_P21(writer):
    writer.page.evaluate(
        """() => {
          window.told = [];
          new MutationObserver(() => told.push(document.querySelector("#waiting [role=status]").textContent))
            .observe(document.querySelector("#waiting [role=status]"), { childList: true, characterData: true,
              subtree: true });
        }"""
    )
    with broken_route(writer, POSTING):
        with writer.page.expect_event("requestfailed"):
            writer.says("told once")
        writer.page.wait_for_event("requestfailed", timeout=10_000)
        assert writer.page.evaluate("told") == ["The server could not be reached. 1 waiting, it goes by itself."]


@pytest.mark.parametrize("push", [True, False])
def test_posts_that_fail_while_reading_goes_on_leave_the_connection_as_it_is_P20(arrive, site, push):
    writer = arrive(site) if push else arrive(site).without_push()
    writer.expects_failing_requests()
    writer.opens().is_live().is_named("Ada")
    writer.page.evaluate(
        """() => {
          window.states = [];
          new MutationObserver(() => states.push(connection.dataset.state)).observe(connection, { attributes: true });
        }"""
    )
    with broken_route(writer, POSTING):
        writer.says("cannot leave")
        waits(writer, 1)
        for number in range(3):
            site.post({"text": f"still read {number}", "username": "Eve"})
            writer.sees(f"still read {number}")
        writer.page.wait_for_event("requestfailed", timeout=10_000)
        assert set(writer.page.evaluate("states")) <= {"live"}


# A reload, a crash, another tab


def test_two_unsent_ones_and_a_draft_stay_three_through_a_reload_P13(writer, posts):
    with broken_route(writer, POSTING):
        writer.says("unsent 1")
        writer.says("unsent 2")
        waits(writer, 2)
        writer.page.fill("#text", "and a draft")
        writer.page.reload()
        waits(writer, 2)
        expect(writer.page.locator("#text")).to_have_value("and a draft")
        writer.sees("unsent 1")
        writer.sees("unsent 2")
    arrives(writer, "unsent 1", "unsent 2")
    assert len({post["id"] for post in posts}) == 2
    expect(writer.page.locator("#text")).to_have_value("and a draft")


def test_a_post_whose_answer_was_lost_is_stored_once_even_across_a_reload_R55(polling_visitor, site, arrive):
    writer = polling_visitor.is_named("Ada")
    writer.expects_failing_requests()

    def lose_answer(route):
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    writer.page.route("**/api/changes*", lambda route: route.abort())  # the poll cannot bring it either
    writer.page.route(POSTING, lose_answer)
    writer.says("stored, but who knows")
    waits(writer, 1)
    writer.page.unroute_all()
    writer.page.reload()
    writer.is_live()
    arrives(writer, "stored, but who knows")
    expect(writer.page.locator("#text")).to_have_value("")


def test_what_a_closed_tab_has_left_is_sent_by_another_P13(writer, site):
    writer.page.route(POSTING, lambda route: route.abort())
    writer.says("left behind 1")
    writer.says("left behind 2")
    waits(writer, 2)
    other = writer.context.new_page()
    writer.page.close()
    writer.page = other
    writer.opens().is_live()
    arrives(writer, "left behind 1", "left behind 2")


def test_tabs_that_are_cut_off_together_send_in_order_and_once(writer, site):
    other = writer.context.new_page()
    other.goto(site.url)
    expect(other.locator("#connection")).to_have_text("Live")
    writer.context.set_offline(True)
    texts = [f"in turns {number}" for number in range(6)]
    for number, text in enumerate(texts):
        page = [writer.page, other][number % 2]
        if page.locator("#name").is_visible():
            page.fill("#name", "Ada")
        page.fill("#text", text)
        page.press("#text", "Enter")
        expect(page.locator("#outbox")).to_contain_text(text)
        other.wait_for_timeout(50)  # as fast as a person changes tabs
    writer.context.set_offline(False)
    arrives(writer, *texts)


def test_a_discarded_comment_is_gone_by_keyboard_and_the_focus_stays_where_the_hand_is_R41_P12(writer):
    with broken_route(writer, POSTING):
        writer.says("changed my mind 1")
        writer.says("changed my mind 2")
        waits(writer, 2)
        writer.page.get_by_role("button", name="Discard").first.focus()
        writer.page.keyboard.press("Enter")
        waits(writer, 1)
        writer.does_not_see("changed my mind 1")
        expect(writer.page.get_by_role("button", name="Discard")).to_be_focused()
        writer.page.keyboard.press("Enter")
        writer.does_not_see("changed my mind 2")
        expect(writer.page.locator("#text")).to_be_focused()
    writer.page.reload()
    writer.is_live()
    writer.does_not_see("changed my mind 1")
    expect(writer.page.locator("#text")).to_have_value("")


# A server that is down, frozen, back


def test_a_server_that_is_killed_frozen_and_restarted_gets_50_posts_once_in_order_P13(arrive, new_site):
    server = new_site
    writer = arrive(server).opens().is_live().is_named("Ada")
    writer.expects_failing_requests()
    texts = [f"through all of it {number}" for number in range(50)]
    trouble = {
        8: server.kill,
        14: server.start,
        18: server.freeze,
        23: writer.page.reload,
        28: server.thaw,
        34: server.kill,
        36: server.start,
        40: writer.page.reload,
    }
    for number, text in enumerate(texts):
        if number in trouble:
            if trouble[number] == writer.page.reload and server.is_frozen:
                server.thaw()  # a page cannot be loaded from it
            trouble[number]()
        writer.says(text)
    arrives(writer, *texts, seconds=60)
    assert [comment["text"] for comment in server.get("/api/comments?limit=100").json()["comments"]] == texts


def test_a_page_that_is_loaded_again_from_a_server_that_is_down_has_lost_nothing(arrive, new_site):
    server = new_site
    writer = arrive(server).opens().is_live().is_named("Ada")
    writer.expects_failing_requests()
    server.stop()
    writer.says("while it was down")
    waits(writer, 1)
    with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
        writer.page.reload()
    server.start()
    writer.opens().is_live()
    arrives(writer, "while it was down")


def test_a_frozen_server_gets_a_post_once_when_it_goes_on(arrive, new_site):
    server = new_site
    writer = arrive(server).opens().is_live().is_named("Ada")
    writer.expects_failing_requests()
    server.freeze()
    writer.says("into the ice")
    expect(writer.page.locator("#waiting")).to_contain_text("The server has not answered yet.", timeout=8000)
    expect(writer.page.locator("#waiting")).to_contain_text("did not answer in time", timeout=20_000)
    server.thaw()
    arrives(writer, "into the ice")


# Refused by the server


def test_a_refused_comment_goes_back_into_the_form_with_its_reason_P12(writer):
    refuse(writer, BANNED)
    writer.says("hello?")
    expect(writer.page.locator("#problem")).to_have_text("Posting has been suspended.")
    expect(writer.page.locator("#text")).to_have_value("hello?")
    expect(writer.page.locator("#text")).to_be_focused()
    expect(writer.page.locator("#outbox .comment")).to_have_count(0)
    writer.page.press("#text", "Enter")
    arrives(writer, "hello?")


def test_a_mended_name_is_the_one_that_is_sent_P12(writer, site):
    refuse(writer, {"status": 422, "body": '{"error": "This name is not possible.", "code": "invalid_username"}'})
    writer.says("under another name")
    expect(writer.page.locator("#problem")).to_have_text("This name is not possible.")
    writer.is_named("Grace")
    writer.page.press("#text", "Enter")
    arrives(writer, "under another name")
    expect(writer.comment("under another name").locator(".comment__name")).to_have_text("Grace")


def test_one_that_is_refused_while_another_is_written_waits_to_be_edited_P12(writer):
    held = hold_posts(writer)
    writer.says("refused later")
    wait_until(lambda: held, 5, writer.page)
    writer.page.fill("#text", "the next one")
    held[0].fulfill(**BANNED)
    writer.page.unroute_all()
    refused = writer.page.locator(".comment--refused")
    expect(refused).to_contain_text("Posting has been suspended.")
    expect(writer.page.locator("#announcer")).to_contain_text("Posting has been suspended.")
    expect(writer.page.locator("#text")).to_have_value("the next one")
    writer.page.reload()
    writer.is_live()
    refused.get_by_role("button", name="Edit").click()
    expect(writer.page.locator("#text")).to_have_value("refused later")
    expect(refused).to_contain_text("the next one")
    writer.page.press("#text", "Enter")
    refused.get_by_role("button", name="Edit").click()
    expect(writer.page.locator("#text")).to_have_value("the next one")
    writer.page.press("#text", "Enter")
    arrives(writer, "refused later", "the next one")


def test_what_is_set_aside_answers_what_it_answered_P12(writer, site):
    site.post({"text": "which way?", "username": "Eve"})
    held = hold_posts(writer)
    writer.says("refused, and no answer")
    wait_until(lambda: held, 5, writer.page)
    writer.acts_on(writer.comment("which way?").last, "reply")
    writer.page.fill("#text", "that way")
    held[0].fulfill(**BANNED)
    writer.page.unroute_all()
    refused = writer.page.locator(".comment--refused")
    refused.get_by_role("button", name="Edit").click()
    expect(writer.page.locator("#reply")).to_be_hidden()
    writer.page.fill("#text", "")
    refused.get_by_role("button", name="Edit").click()
    expect(writer.page.locator("#reply")).to_contain_text("Eve: which way?")
    writer.page.press("#text", "Enter")
    arrives(writer, "that way")
    expect(writer.comment("that way").locator(".comment__quote")).to_have_text("Eve: which way?")


def test_what_is_refused_stays_where_it_is_while_others_go_up_into_the_stream_P2_P12(writer):
    held = hold_posts(writer)
    writer.says("refused, and first")
    wait_until(lambda: held, 5, writer.page)
    writer.says("behind it")
    writer.page.fill("#text", "in the form")
    held[0].fulfill(**BANNED)
    wait_until(lambda: len(held) == 2, 5, writer.page)
    edit = writer.page.locator(".comment--refused").get_by_role("button", name="Edit")
    outbox = writer.page.locator("#outbox .comment__text")
    expect(outbox).to_have_text(["behind it", "refused, and first"])
    place = writer.stands_still().page.evaluate(PLACE_OF_EDIT)
    held[1].continue_()
    wait_until(lambda: writer.in_stream("behind it") == 1, 10, writer.page)
    writer.says("and another")
    wait_until(lambda: len(held) == 3, 5, writer.page)
    expect(outbox).to_have_text(["and another", "refused, and first"])
    assert abs(writer.page.evaluate(PLACE_OF_EDIT) - place) <= 1
    held[2].continue_()
    wait_until(lambda: writer.in_stream("and another") == 1, 10, writer.page)
    assert abs(writer.page.evaluate(PLACE_OF_EDIT) - place) <= 1
    edit.click()
    expect(writer.page.locator("#text")).to_have_value("refused, and first")


PLACE_OF_EDIT = "document.querySelector('.comment--refused .fate__edit').getBoundingClientRect().top"


def test_a_refused_comment_does_not_stop_those_behind_it(writer, site):
    with broken_route(writer, POSTING):
        for number in range(3):
            writer.says(f"in a row {number}")
        waits(writer, 3)
        writer.page.fill("#text", "busy")
        refuse(writer, BANNED)
    wait_until(lambda: writer.in_stream("in a row 2") == 1, 10, writer.page)
    assert (writer.in_stream("in a row 0"), writer.in_stream("in a row 1")) == (0, 1)
    expect(writer.page.locator(".comment--refused")).to_contain_text("in a row 0")


def test_coming_back_online_sends_no_refused_one_again(writer, posts):
    held = hold_posts(writer)
    writer.says("refused for good")
    wait_until(lambda: held, 5, writer.page)
    writer.page.fill("#text", "busy")
    held[0].fulfill(**BANNED)
    expect(writer.page.locator(".comment--refused")).to_have_count(1)
    writer.page.unroute_all()
    writer.context.set_offline(True)
    expect(writer.page.locator("#connection")).to_have_text("Offline")
    writer.context.set_offline(False)
    writer.is_live()
    writer.page.fill("#text", "sent after it")
    writer.page.press("#text", "Enter")
    wait_until(lambda: writer.in_stream("sent after it") == 1, 10, writer.page)
    assert [post["text"] for post in posts] == ["refused for good", "sent after it"]


@pytest.mark.parametrize(
    ("pasted", "arrived"),
    [
        ("a\x00b\x07c", "abc"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("no\ufffe\U0001ffffn", "non"),
        ("tab\tstays \x7f\x80\x9f.", "tab\tstays ."),
    ],
)
def test_what_pasting_brings_and_no_one_sees_is_taken_out(writer, pasted, arrived):
    writer.page.evaluate("(text) => { document.querySelector('#text').value = text }", pasted)
    writer.page.press("#text", "Enter")
    wait_until(lambda: writer.in_stream(arrived) >= 1, 5, writer.page)
    expect(writer.page.locator("#problem")).to_have_text("")


@pytest.mark.parametrize(
    "name", ["A\u200bda", "\u202eAda\u202c", "Ada\ufeff", "A\u2060d\u00ada", "Ada\u3164", "A\u200dda"]
)
def test_a_name_loses_what_no_one_sees(writer, name):
    text = f"by {name!r}"
    writer.is_named(name).says(text)
    arrives(writer, text)
    expect(writer.comment(text).locator(".comment__name")).to_have_text("Ada")


def test_an_id_that_was_taken_is_replaced_by_itself(writer, posts):
    refuse(writer, {"status": 409, "body": '{"error": "Another comment has this id.", "code": "id_taken"}'})
    writer.says("unlucky number")
    arrives(writer, "unlucky number")
    assert posts[0]["id"] != posts[1]["id"]


def test_an_id_that_our_own_words_have_taken_is_no_second_comment(writer, posts, site):
    """The answer was lost, and the network is another one since: the server cannot know who asks again."""

    def store_for_another(route):
        comment = json.loads(route.request.post_data)
        site.post(comment, address="127.0.0.7")
        route.continue_()

    writer.page.route(POSTING, store_for_another, times=1)
    writer.page.route("**/ws/changes*", lambda route: route.abort())
    writer.says("from another network")
    arrives(writer, "from another network")


# Held


@pytest.fixture
def holding(arrive, start_server):
    server = start_server("sqlite", **UNLIMITED | {"HOLD_COMMENTS": "true"})
    writer = arrive(server).opens().is_live().is_named("Ada")
    writer.expects_failing_requests()
    writer.says("may I?")
    expect(writer.page.locator(".comment--held")).to_contain_text("Waiting for a moderator.")
    writer.held_id = writer.page.get_attribute(".comment--held", "id").removeprefix("comment-")
    return writer


def test_a_held_comment_stays_in_its_authors_view_until_it_is_released(holding, arrive):
    reader = arrive(holding.server).opens().is_live()
    holding.page.reload()
    holding.is_live()
    expect(holding.page.locator(".comment--held")).to_contain_text("may I?")
    reader.does_not_see("may I?")
    moderate(holding.server, "release", holding.held_id)
    reader.sees("may I?")
    arrives(holding, "may I?")


@pytest.mark.parametrize("is_there", [True, False])
def test_a_decision_against_a_held_comment_is_told_to_its_author(holding, is_there):
    if is_there:
        holding.page.clock.install()
        holding.page.reload()
        holding.is_live()
    else:
        holding.page.goto("about:blank")
    moderate(holding.server, "hide", holding.held_id)
    if is_there:
        holding.page.clock.fast_forward(61_000)
    else:
        holding.opens().is_live()
    expect(holding.page.locator(".comment--refused")).to_contain_text("may I?")
    expect(holding.page.locator(".comment--refused")).to_contain_text("moderator")
    holding.page.get_by_role("button", name="Discard").click()
    holding.does_not_see("may I?")


def test_a_comment_that_was_released_while_nobody_looked_is_held_no_more(holding):
    holding.page.goto("about:blank")
    moderate(holding.server, "release", holding.held_id)
    holding.opens().is_live()
    arrives(holding, "may I?")


# Drafts


def test_what_is_being_written_survives_a_reload_P13(writer):
    writer.page.fill("#text", "half a thought\nand")
    writer.page.reload()
    expect(writer.page.locator("#text")).to_have_value("half a thought\nand")


def test_a_draft_outlives_its_tab_P13(writer):
    writer.page.fill("#text", "half a thought")
    other = writer.context.new_page()
    writer.page.close()
    writer.page = other
    writer.opens()
    expect(writer.page.locator("#text")).to_have_value("half a thought")
    writer.is_live().page.press("#text", "Enter")
    arrives(writer, "half a thought")
    writer.page = writer.context.new_page()
    writer.opens().is_live()
    expect(writer.page.locator("#text")).to_have_value("")


def test_an_answer_that_is_being_written_answers_the_same_after_a_reload_and_in_the_next_tab_P13(writer, site):
    answered = site.post({"text": "is it raining?", "username": "Eve"}).json()["id"]
    writer.acts_on(writer.page.locator(f"#comment-{answered}"), "reply")
    writer.page.reload()
    expect(writer.page.locator("#reply")).to_contain_text("Eve: is it raining?")
    writer.page.fill("#text", "cats and dogs")
    writer.page.reload()
    expect(writer.page.locator("#reply")).to_contain_text("Eve: is it raining?")
    other = writer.context.new_page()
    writer.page.close()
    writer.page = other
    writer.opens().is_live()
    expect(writer.page.locator("#reply")).to_contain_text("Eve: is it raining?")
    expect(writer.page.locator("#text")).to_have_value("cats and dogs")
    writer.page.press("#text", "Enter")
    arrives(writer, "cats and dogs")
    expect(writer.comment("cats and dogs").locator(".comment__quote")).to_have_text("Eve: is it raining?")
    writer.page.reload()
    expect(writer.page.locator("#reply")).to_be_hidden()


def test_what_is_let_go_of_is_answered_no_more_after_a_reload(writer, site):
    answered = site.post({"text": "anybody here?", "username": "Eve"}).json()["id"]
    writer.acts_on(writer.page.locator(f"#comment-{answered}"), "reply")
    writer.page.fill("#text", "to everybody")
    writer.page.get_by_role("button", name="Do not reply").click()
    writer.page.reload()
    expect(writer.page.locator("#text")).to_have_value("to everybody")
    expect(writer.page.locator("#reply")).to_be_hidden()


def test_a_draft_of_a_living_tab_is_left_to_it(writer, site):
    writer.page.fill("#text", "still being written here")
    other = writer.context.new_page()
    other.goto(site.url)
    expect(other.locator("#connection")).to_have_text("Live")
    expect(other.locator("#text")).to_have_value("")


def test_two_drafts_of_two_tabs_that_were_closed_come_back_one_after_the_other(writer, site):
    writer.page.fill("#text", "draft one")
    other = writer.context.new_page()
    other.goto(site.url)
    other.fill("#text", "draft two")
    blank = writer.context.new_page()
    writer.page.close()
    other.close()
    found = []
    for page in (blank, writer.context.new_page()):
        page.goto(site.url)
        wait_until(lambda page=page: page.input_value("#text") != "", 5, page)
        found.append(page.input_value("#text"))
    assert sorted(found) == ["draft one", "draft two"]


# What the browser has kept may be anything

JUNK = [
    ("identity", {"username": 5, "color": 123456789}),
    ("identity", {"username": "Ada\u200b", "color": "999999999"}),
    ("identity", "Ada"),
    ("identity", [1, 2]),
    ("identity", None),
    ("draft", {"text": 7, "id": 5}),
    ("draft", {"text": "", "id": {}}),
    ("draft", {"text": "", "replyTo": {"a": 1}}),
    ("draft old-page", {"text": {"a": 1}, "at": "x"}),
    ("draft old-page", 5),
    ("outbox x", {"id": 5, "text": "number for an id", "username": "Ada", "color": "255000000"}),
    ("outbox y", {"id": "y", "text": None, "username": "Ada", "color": "255000000"}),
    ("outbox z", None),
    ("outbox ü", {"id": "ü", "text": "no id", "username": "Ada", "color": "255000000"}),
]


@pytest.mark.parametrize(("key", "value"), JUNK, ids=range(len(JUNK)))
@pytest.mark.parametrize("storage", ["localStorage", "sessionStorage"])
def test_the_form_works_whatever_the_browser_has_kept(visitor, key, value, storage):
    raw = "{broken" if value is None else json.dumps(value)
    visitor.page.evaluate(f"([key, raw]) => {storage}.setItem(key, raw)", [key, raw])
    visitor.page.reload()
    visitor.is_live().is_named("Ada")
    text = f"whatever {storage} has kept {key} {raw}"
    visitor.says(text)
    wait_until(lambda: visitor.in_stream(text) == 1, 5, visitor.page)
    visitor.is_live()
    expect(visitor.page.locator("#problem")).to_have_text("")


def test_an_entry_that_can_be_mended_is_sent(writer):
    entry = {"id": "mended-1", "text": "kept by an older page", "username": "Ada", "color": "red", "order": "x"}
    writer.page.evaluate("(entry) => localStorage.setItem('outbox mended-1', JSON.stringify(entry))", entry)
    writer.page.reload()
    arrives(writer.is_live(), "kept by an older page")


def test_a_browser_that_keeps_nothing_can_post_and_says_nothing_on_the_console(arrive, site):
    visitor = arrive(site)
    visitor.context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
             Object.defineProperty(window, name, { get() { throw new DOMException("kept from us") } });"""
    )
    visitor.opens().is_live().is_named("Ada").says("nothing is kept")
    wait_until(lambda: visitor.in_stream("nothing is kept") == 1, 5, visitor.page)
    expect(visitor.page.locator("#outbox .comment")).to_have_count(0)


# Name and colour


def test_name_and_colour_are_kept_in_this_browser(visitor):
    visitor.is_named("Kept")
    visitor.page.fill("#color", "#ff0000")
    visitor.page.press("#name", "Tab")
    visitor.page.reload()
    visitor.is_live()
    expect(visitor.page.locator("#name")).to_have_value("Kept")
    visitor.says("in red")
    expect(visitor.comment("in red").locator(".comment__name")).to_have_class("comment__name hue-0")


def test_two_tabs_each_write_what_they_changed_and_hear_of_the_other(visitor, site):
    visitor.is_named("Old").page.press("#name", "Tab")
    other = visitor.context.new_page()
    other.goto(site.url)
    expect(other.locator("#name")).to_have_value("Old")
    visitor.is_named("New").page.press("#name", "Tab")
    expect(other.locator("#name")).to_have_value("New")
    other.click("#chip")
    other.fill("#color", "#ff0000")
    other.dispatch_event("#color", "change")
    expect(visitor.page.locator("#color")).to_have_value("#ff0000")
    kept = visitor.page.evaluate("JSON.parse(localStorage.getItem('identity'))")
    assert kept == {"username": "New", "color": "255000000"}
