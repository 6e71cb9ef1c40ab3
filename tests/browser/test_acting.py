"""What can be done with a comment: answering, copying, its own address, hiding; and what was found, in its context."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import broken_route, history, import_into, late_answer, moderate, wait_until
from tests.support.slow_line import SlowLine

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
MIDDLE = """(id) => {
  const { top, bottom } = document.getElementById(id).getBoundingClientRect();
  const view = document.querySelector("#stream").getBoundingClientRect();
  return Math.abs((top + bottom) / 2 - (view.top + view.bottom) / 2);
}"""

OUT_OF_REACH = """[...document.querySelectorAll(".actions button:not([hidden])")].filter((button) => {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  return !button.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
}).map((button) => button.ariaLabel)"""


@pytest.fixture
def long_site(new_site):
    comments = history(400)
    comments[120] |= {"text": "the STRASSE in question", "username": "Ida"}
    import_into(new_site, comments)
    return new_site


def is_whole(visitor) -> None:
    """The form, while it answers: the line over it as wide as it is, the author's mark beside the words, as always."""
    page = visitor.page
    form, line, text, send = (page.locator(name).bounding_box() for name in ("#composer", "#reply", "#text", "#send"))
    chip = page.locator("#chip").bounding_box()
    assert line["y"] + line["height"] <= text["y"]
    assert form["x"] <= line["x"] and line["x"] + line["width"] <= form["x"] + form["width"]
    assert chip["x"] + chip["width"] <= text["x"] and abs(chip["y"] - text["y"]) < 8
    assert send["x"] + send["width"] <= form["x"] + form["width"]


def test_an_answer_quotes_what_it_answers_and_leads_there_and_back_P31(arrive, long_site):
    writer = arrive(long_site).opens().is_live().is_named("Ada")
    page = writer.page
    writer.acts_on(page.locator("#comment-history-399"), "reply")
    expect(page.locator("#reply")).to_contain_text("comment 399")
    expect(page.locator("#text")).to_be_focused()
    is_whole(writer)
    page.set_viewport_size({"width": 390, "height": 780})
    is_whole(writer)
    writer.says("that is so")
    answer = page.locator("#comments .comment").last
    expect(answer.locator(".comment__text")).to_have_text("that is so")
    expect(answer.locator(".comment__quote")).to_have_text("user 0: comment 399")
    expect(page.locator("#reply")).to_be_hidden()
    long_site.post({"text": "an old one", "username": "Eve", "replyTo": "history-40"})
    quote = page.locator("#comments .comment").last.locator(".comment__quote")
    expect(quote).to_have_text("user 5: comment 40")

    quote.click()
    target = page.locator("#comment-history-40")
    expect(target).to_be_in_viewport()
    expect(target).to_have_class(re.compile("comment--asked"))
    expect(page.locator("#comment-history-39")).to_be_in_viewport()
    page.go_back()
    expect(page.locator(".comment", has_text="an old one")).to_be_in_viewport()

    moderate(long_site, "hide", "history-40")
    expect(page.locator(".comment", has_text="an old one").locator(".comment__quote")).to_have_text(
        "Answer to a comment that was removed"
    )


def test_a_permalink_opens_in_the_middle_and_lives_on_P31(arrive, long_site):
    reader = arrive(long_site, permissions=["clipboard-read", "clipboard-write"]).opens().is_live()
    page = reader.page
    reader.acts_on(page.locator("#comment-history-390"), "link")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{long_site.url}/c/history-390"
    reader.acts_on(page.locator("#comment-history-391"), "copy")
    assert page.evaluate("navigator.clipboard.readText()") == "comment 391"

    for number in (390, 200, 5):
        page.goto(f"{long_site.url}/c/history-{number}")
        reader.is_live()
        asked = page.locator(f"#comment-history-{number}")
        expect(asked).to_be_in_viewport()
        expect(asked).to_have_class(re.compile("comment--asked"))
        if number == 200:
            assert page.evaluate(MIDDLE, f"comment-history-{number}") < 60
    long_site.post({"text": "meanwhile", "username": "Eve"})
    expect(page.locator("#pill")).to_have_text("1 new comment", timeout=10_000)
    expect(asked).to_be_in_viewport()
    page.locator("#pill").click()
    reader.sees("meanwhile")
    assert page.url == f"{long_site.url}/c/history-5"


def test_without_a_script_a_permalink_stays_in_view_while_the_rest_of_the_page_comes_P31(arrive, long_site):
    without = arrive(long_site, java_script_enabled=False)
    asked = without.page.locator("#comment-history-200")
    line = SlowLine(long_site.url, after='id="comment-history-201"')
    with line.opened() as address:
        without.page.goto(f"{address}/c/history-200", wait_until="commit")
        expect(asked).to_be_focused()
        line.let_through.set()
        without.page.wait_for_load_state()
        expect(without.page.locator("#composer")).to_be_visible()
        expect(asked).to_be_in_viewport()
        expect(asked).to_have_class(re.compile("comment--asked"))


def test_hiding_a_person_or_a_word_is_local_listed_and_undone_P33_R33(arrive, new_site):
    import_into(new_site, history(20))
    reader = arrive(new_site).opens().is_live()
    page = reader.page
    new_site.post({"text": "spam spam", "username": "Mallory", "color": "255000000"})
    new_site.post({"text": "Mallory is at it again", "username": "Eve"})
    reader.sees("Mallory is at it again")
    reader.acts_on(reader.comment("spam spam"), "hide")
    reader.does_not_see("spam spam")
    reader.sees("Mallory is at it again")
    page.get_by_role("button", name="Undo").click()
    reader.sees("spam spam")
    reader.acts_on(reader.comment("spam spam"), "hide")
    new_site.post({"text": "more spam", "username": "mallory", "color": "255000000"})
    new_site.post({"text": "and on", "username": "Eve"})
    reader.sees("and on")
    reader.does_not_see("more spam")

    other_tab = reader.context.new_page()
    other_tab.goto(new_site.url)
    expect(other_tab.locator(".comment", has_text="and on")).to_have_count(1)
    expect(other_tab.locator(".comment", has_text="more spam")).to_have_count(0)
    arrive(new_site).opens().is_live().sees("more spam")

    page.locator("#find").click()
    page.get_by_label("Hide a word").fill("at it again")
    page.keyboard.press("Enter")
    reader.does_not_see("Mallory is at it again")
    page.locator("#find").click()
    expect(page.locator(".finder__one bdi")).to_have_text(["Mallory", "“at it again”"])
    page.get_by_role("button", name="Show Mallory again").click()
    reader.sees("more spam")
    expect(other_tab.locator(".comment", has_text="more spam")).to_have_count(1)
    assert "more spam" not in page.evaluate("JSON.stringify(localStorage)")

    # Whatever else stands there does no harm.
    for junk in ['"-u=%FF&-word=&x"', "{}", "[1]", "not JSON", '"-word=' + "x" * 5000 + '"']:
        page.evaluate("(junk) => localStorage.setItem('hidden', junk)", junk)
        page.reload()
        reader.is_live().sees("more spam")


def test_who_hides_many_sees_none_of_them_P33(arrive, new_site):
    """More than an address may ask a server for."""
    reader = arrive(new_site).opens().is_live()
    many = "-u=" + "+".join(f"troll {number}" for number in range(30))
    reader.page.evaluate("(many) => localStorage.setItem('hidden', JSON.stringify(many))", many)
    reader.page.reload()
    reader.is_live()
    new_site.post({"text": "of the last of them", "username": "Troll 29"})
    new_site.post({"text": "of one more", "username": "Mallory"})
    reader.sees("of one more")
    reader.acts_on(reader.comment("of one more"), "hide")
    reader.does_not_see("of one more")
    reader.page.locator("#find").click()
    reader.page.get_by_label("Hide a word").focus()
    reader.page.keyboard.insert_text("x" * 150)
    reader.page.keyboard.press("Enter")
    reader.page.reload()
    reader.is_live()
    new_site.post({"text": "x" * 150, "username": "Eve"})
    new_site.post({"text": "of somebody else", "username": "Eve"})
    reader.sees("of somebody else")
    assert reader.texts == ["of somebody else"]


def test_the_buttons_come_by_keyboard_and_by_thumb_and_never_in_the_way_of_selecting_P22_P18(arrive, new_site):
    import_into(new_site, history(20))
    reader = arrive(new_site).opens().is_live()
    page = reader.page
    page.focus("#stream")
    page.keyboard.press("ArrowUp")
    labels = []
    for _ in range(6):
        page.keyboard.press("Tab")
        labels.append(page.evaluate("document.activeElement.ariaLabel"))
    assert labels == [
        "Reply",
        "Copy the text",
        "Copy the link",
        "Only this person",
        "Report",
        "Hide this person for me",
    ]
    page.keyboard.press("Escape")
    expect(page.locator("#comment-history-19")).to_be_focused()
    expect(page.locator(".actions")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#reply")).to_contain_text("comment 18")

    wide = page.viewport_size
    page.set_viewport_size({"width": 1280, "height": 760})
    page.locator("#comment-history-15").hover()
    words, bar = page.locator("#comment-history-15").bounding_box(), page.locator(".actions").bounding_box()
    assert words["x"] + words["width"] <= bar["x"] and bar["x"] + bar["width"] <= 1280
    page.set_viewport_size(wide)

    start, end = (page.locator(f"#comment-history-{number} .comment__text").bounding_box() for number in (10, 13))
    page.mouse.move(start["x"] + 2, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + 80, end["y"] + 8, steps=8)
    assert page.evaluate("document.querySelector('.actions')?.closest('.comment').id") in (None, "comment-history-10")
    page.mouse.up()
    assert "comment 11" in page.evaluate("getSelection().toString()")

    phone = arrive(new_site, **PHONE).opens().is_live()
    phone.page.locator("#comment-history-15 .comment__text").tap()
    bar = phone.page.locator("#comment-history-15 .actions")
    expect(bar).to_be_in_viewport(ratio=1)
    sizes = bar.locator("button:visible").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().width)")
    assert min(sizes) >= 44
    assert len(sizes) == 6


def test_a_selected_word_can_be_filtered_by_and_is_not_switched_on_P30_P18(arrive, new_site):
    import_into(new_site, history(3))
    new_site.post({"text": "soup\n(hot)", "username": "Eve"})
    reader = arrive(new_site).opens().is_live()
    page = reader.page
    word = page.locator(".actions [data-act=word]")
    page.locator(".comment__text", has_text="soup").locator("text=soup").first.dblclick(position={"x": 8, "y": 10})
    expect(word).to_have_accessible_name("Add “soup” to the filters")
    assert page.evaluate("getSelection().toString().trim()") == "soup"
    word.click()
    assert page.evaluate("location.hash") == "#word=soup&filteractive=false"
    expect(page.locator("#announcer")).to_have_text("“soup” stands among the filters.")
    expect(page.locator("#comments .comment")).to_have_count(4)

    # Neither of two comments, nor of two lines.
    select = """([from, to]) => {
      const [start, end] = [from, to].map((id) => document.querySelector(`${id} .comment__text`));
      getSelection().setBaseAndExtent(start, 0, end, end.childNodes.length);
    }"""
    last = "#" + page.locator("#comments .comment").last.get_attribute("id")
    for ends in (["#comment-history-0", "#comment-history-1"], [last, last]):
        page.evaluate(select, ends)
        expect(word).to_be_hidden()
        page.evaluate(select, ["#comment-history-2"] * 2)
        expect(word).to_have_text("“comment 2”")
    page.evaluate("getSelection().removeAllRanges()")
    expect(word).to_be_hidden()


def test_all_that_can_be_done_with_the_last_comment_of_a_view_is_in_reach_P18(arrive, new_site):
    import_into(new_site, history(30))
    page = (
        arrive(new_site, viewport={"width": 1280, "height": 720})
        .opens("/#word=comment&filteractive=true")
        .is_live()
        .page
    )
    last = page.locator("#comments .comment").last
    last.get_by_text("comment 29").dblclick(position={"x": 5, "y": 5})
    expect(page.locator(".actions__word")).to_be_visible()
    expect(page.locator(".actions button:visible")).to_have_count(8)
    assert page.evaluate(OUT_OF_REACH) == []


def test_a_search_over_all_history_leads_into_the_context_and_back_R35(arrive, long_site):
    reader = arrive(long_site).opens("/#u=nobody&filteractive=false").is_live()
    page = reader.page
    page.locator("#find").click()
    page.get_by_label("Search all that was ever said").first.fill("straße")
    page.keyboard.press("Enter")
    expect(page.locator("#comments .comment")).to_have_count(1)
    expect(page.locator("#comments mark")).to_have_text("STRASSE")
    assert page.evaluate("location.hash") == "#u=nobody&search=stra%C3%9Fe&filteractive=false"
    page.get_by_role("link", name="In context").click()
    expect(page.locator("#comment-history-120")).to_be_in_viewport()
    expect(page.locator("#comment-history-119")).to_be_in_viewport()
    expect(page.locator("#comment-history-121")).to_be_in_viewport()
    page.go_back()
    expect(page.locator("#comments .comment")).to_have_count(1)
    expect(page.locator("#comment-history-120")).to_be_in_viewport()

    page.evaluate("location.hash = 'search=comment'")
    expect(page.locator("#comment-history-399 mark")).to_have_text("comment")
    for _ in range(300):
        reader.scrolls_to(100_000)
        if page.locator("#comment-history-0").count():
            break
        page.wait_for_timeout(100)
    expect(page.locator("#comments .comment")).to_have_count(399)


def test_what_happens_while_a_comment_is_asked_for_is_neither_lost_nor_undone_R03_R35(arrive, long_site):
    reader = arrive(long_site).is_patient().opens().is_live()
    page = reader.page
    with late_answer(page, "**/api/comments?around=*") as is_asked:
        page.evaluate("location.hash = 'comment-history-320'")
        is_asked()
        long_site.post({"text": "said meanwhile", "username": "Eve"})
        moderate(long_site, "hide", "history-321", "history-360")
        reader.sees("said meanwhile")
        reader.does_not_see("comment 360")
    expect(page.locator("#comment-history-320")).to_be_in_viewport()
    assert reader.texts[-2:] == ["comment 399", "said meanwhile"]
    assert {"comment 321", "comment 360"}.isdisjoint(reader.texts)


def test_who_cannot_be_led_to_a_comment_just_now_is_told_why_and_can_try_again_P31(arrive, long_site):
    reader = arrive(long_site).opens().is_live()
    long_site.post({"text": "an answer", "username": "Eve", "replyTo": "history-40"})
    quote = reader.page.locator("#comments .comment").last.locator(".comment__quote")
    expect(quote).to_have_text("user 5: comment 40")
    with broken_route(reader, "**/api/comments?around=*", method="GET"):
        quote.click()
        expect(reader.page.locator("#said")).to_have_text("The server could not be reached.")
        reader.sees("an answer")
    reader.page.go_back()
    quote.click()
    expect(reader.page.locator("#comment-history-40")).to_be_in_viewport()


def test_a_quote_of_what_was_hidden_while_it_was_asked_for_does_not_show_it(arrive, long_site):
    reader = arrive(long_site).is_patient().opens().is_live()
    quote = reader.page.locator("#comments .comment").last.locator(".comment__quote")
    with late_answer(reader.page, "**/api/comments/history-40*") as is_asked:
        long_site.post({"text": "an answer", "username": "Eve", "replyTo": "history-40"})
        is_asked()
        moderate(long_site, "hide", "history-40")
        expect(quote).to_have_text("Answer to a comment that was removed")
    long_site.post({"text": "more", "username": "Eve"})
    reader.sees("more")
    assert reader.page.locator(".comment__quote").all_text_contents() == ["Answer to a comment that was removed"]


def test_a_quote_of_what_was_hidden_while_the_stream_was_loaded_afresh_does_not_show_it(arrive, long_site):
    reader, held = arrive(long_site).is_patient().opens().is_live(), []
    long_site.post({"text": "an answer", "username": "Eve", "replyTo": "history-40"})
    quote = reader.page.locator("#comments .comment").last.locator(".comment__quote")
    expect(quote).to_have_text("user 5: comment 40")
    reader.expects_failing_requests()  # what is hidden is not found
    reader.page.route("**/api/comments?limit=500*", lambda route: held.append(route), times=1)
    reader.page.evaluate("location.hash = '-word=nothing'")
    wait_until(lambda: held, 10, reader.page)
    moderate(long_site, "hide", "history-40")
    held[0].continue_()
    expect(quote).to_have_text("Answer to a comment that was removed")


def test_who_goes_elsewhere_before_what_was_asked_for_has_come_is_not_led_back_to_it_R35(arrive, long_site):
    reader = arrive(long_site).opens("/#search=stra%C3%9Fe").is_live()
    page, held = reader.page, []
    expect(page.locator("#comments .comment")).to_have_count(1)
    page.evaluate(
        """() => {
          window.told = [];
          const said = document.querySelector("#said");
          const tell = () => said.textContent && told.push(said.textContent);
          new MutationObserver(tell).observe(said, { childList: true });
        }"""
    )
    page.route("**/api/comments?around=*", lambda route: held.append(route), times=1)
    page.get_by_role("link", name="In context").click()
    wait_until(lambda: held, 10, page)
    page.evaluate("location.hash = 'search=comment'")
    newest = page.locator("#comment-history-399 mark")
    expect(newest).to_have_text("comment")
    with page.expect_response("**/api/comments?around=*"):
        held[0].continue_()
    expect(newest).to_be_in_viewport()

    page.evaluate("location.hash = 'search=stra%C3%9Fe'")
    page.get_by_role("link", name="In context").click()
    expect(page.locator("#comment-history-121")).to_be_in_viewport()
    elsewhere = (
        "addEventListener('popstate', () => setTimeout(() => { location.hash = 'search=comment'; }), { once: true })"
    )
    page.evaluate(f"{elsewhere}; history.back()")
    expect(newest).to_be_in_viewport()
    assert page.evaluate("told") == []
    assert page.evaluate("location.hash") == "#search=comment"


def test_what_is_shown_can_be_taken_along(arrive, new_site):
    import_into(new_site, history(4, newest_ms=1_517_356_800_000))
    reader = arrive(new_site, permissions=["clipboard-read", "clipboard-write"]).opens(
        "/#word=comment%202+comment%203"
    )
    reader.is_live().sees("comment 3")
    page = reader.page
    page.locator("#find").click()
    page.get_by_role("button", name="Copy as text").click()
    lines = "2018-01-30 23:58 UTC user 2: comment 2\n2018-01-30 23:59 UTC user 3: comment 3\n"
    expect(page.get_by_text("2 comments copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == lines
    saved = {}
    for name in ("Save as text", "Save as JSON"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        saved[download.value.suggested_filename] = download.value.path().read_text()
    assert saved["comments.txt"] == lines
    listed = json.loads(saved["comments.json"])
    assert [(comment["id"], comment["text"]) for comment in listed] == [
        ("history-2", "comment 2"),
        ("history-3", "comment 3"),
    ]
