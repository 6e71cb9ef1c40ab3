"""Reading above the end: the place is kept, history comes, the page stays small."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import UNLIMITED, history, import_into, moderate, wait_until

POSITIONS = """() => {
  const view = document.querySelector("#stream").getBoundingClientRect();
  return Object.fromEntries([...document.querySelectorAll("#comments .comment")]
    .map((item) => [item.id, item.getBoundingClientRect()])
    .filter(([id, place]) => place.bottom > view.top && place.top < view.bottom)
    .map(([id, place]) => [id, place.top]));
}"""
AT_END = "() => Math.abs(document.querySelector('#stream').scrollTop) < 1"


@pytest.fixture(scope="module")
def long_site(make_server):
    """Has a stream of 2,400 comments."""
    with make_server("sqlite", **UNLIMITED) as server:
        import_into(server, history(2400))
        yield server


@pytest.fixture
def reader(arrive, long_site):
    return arrive(long_site).opens().is_live()


def numbers(visitor) -> list[int]:
    return [int(text.removeprefix("comment ")) for text in visitor.texts if text.startswith("comment ")]


def scroll_back_until(visitor, condition) -> None:
    """Turn the wheel towards the past, as a person does, until the condition holds."""
    visitor.page.hover("#comments")

    def holds_after_another_turn() -> bool:
        visitor.page.mouse.wheel(0, -20_000)
        return condition()

    wait_until(holds_after_another_turn, 60, visitor.page)


def hold_first(visitor, pattern: str) -> list:
    """Gets the first request to come, which waits until the test continues it."""
    held = []
    visitor.page.route(pattern, lambda route: route.continue_() if held else held.append(route))
    return held


def assert_nothing_moved(before: dict, after: dict, at_least: int = 3) -> None:
    both = before.keys() & after.keys()
    assert len(both) >= at_least
    assert [id for id in both if abs(before[id] - after[id]) > 1] == []


def test_scrolling_back_reaches_the_very_first_comment_with_each_one_seen_once_R38_R39_P6(reader):
    seen, most = set(), 0

    def is_at_beginning() -> bool:
        nonlocal most
        is_beginning = reader.page.locator(".edge__beginning").count() == 1
        shown = numbers(reader)
        assert shown == list(range(shown[0], shown[-1] + 1)), "a gap, or out of order"
        seen.update(shown)
        most = max(most, len(shown))
        return is_beginning

    scroll_back_until(reader, is_at_beginning)
    expect(reader.page.locator("#edge")).to_contain_text("This is the beginning.")
    assert seen == set(range(2400))
    assert most <= 1000


def test_from_the_beginning_one_click_leads_back_to_the_newest(reader):
    scroll_back_until(reader, lambda: 0 in numbers(reader))
    assert 2399 not in numbers(reader)
    reader.page.get_by_role("button", name="Newest").click()
    expect(reader.comment("comment 2399")).to_be_in_viewport()
    expect(reader.page.locator("#pill")).to_be_hidden()


def test_the_way_back_to_the_newest_does_not_mind_a_poll_on_its_way(arrive, long_site):
    reader = arrive(long_site).without_push().opens().is_live()
    scroll_back_until(reader, lambda: 0 in numbers(reader))
    polls = hold_first(reader, "**/api/changes*")
    wait_until(lambda: polls, 5, reader.page)
    reader.page.get_by_role("button", name="Newest").click()
    polls[0].continue_()
    expect(reader.comment("comment 2399")).to_be_in_viewport()


def test_the_way_back_to_the_newest_does_not_mind_newer_ones_on_their_way(arrive, new_site):
    import_into(new_site, history(1200))
    reader = arrive(new_site).opens().is_live()
    scroll_back_until(reader, lambda: 0 in numbers(reader))
    newer, newest = hold_first(reader, "**/api/comments?after=*"), hold_first(reader, "**/api/comments?limit=500")
    # Again and again: the wheel's last turn may come to the page after the first time.
    wait_until(lambda: reader.scrolls_to(0) or newer, 5, reader.page)
    reader.scrolls_to(5000)
    reader.page.get_by_role("button", name="Newest").click()
    wait_until(lambda: newest, 5, reader.page)
    newer[0].continue_()
    wait_until(lambda: 1100 in numbers(reader), 5, reader.page)
    newest[0].continue_()
    expect(reader.comment("comment 1199")).to_be_in_viewport()


def test_scrolling_down_again_brings_back_what_was_let_go_without_a_gap(reader):
    scroll_back_until(reader, lambda: 0 in numbers(reader))

    def is_at_newest_after_another_turn() -> bool:
        reader.page.mouse.wheel(0, 20_000)
        shown = numbers(reader)
        assert shown == list(range(shown[0], shown[-1] + 1)), "a gap, or out of order"
        assert len(shown) <= 1000
        return 2399 in shown and reader.page.evaluate(AT_END)

    wait_until(is_at_newest_after_another_turn, 60, reader.page)
    expect(reader.page.locator("#pill")).to_be_hidden()


def test_no_comment_in_view_moves_when_older_ones_are_put_in_front_P2(reader):
    held = hold_first(reader, "**/api/comments?before=*")
    reader.page.evaluate(
        "() => { const s = document.querySelector('#stream'); s.scrollTop = s.clientHeight - s.scrollHeight + 200 }"
    )
    wait_until(lambda: held, 5, reader.page)
    before, first = reader.page.evaluate(POSITIONS), numbers(reader)[0]
    held[0].continue_()
    wait_until(lambda: numbers(reader)[0] < first, 5, reader.page)
    assert_nothing_moved(before, reader.page.evaluate(POSITIONS))


def test_scrolled_up_nothing_in_view_moves_when_comments_arrive_or_are_hidden_P2(reader, long_site):
    reader.scrolls_to(3000)
    before = reader.page.evaluate(POSITIONS)
    for number in range(5):
        long_site.post({"id": f"new-{number}", "text": f"arriving {number}\n" * (number + 1), "username": "Eve"})
    expect(reader.page.locator("#pill")).to_have_text("5 new comments")
    assert_nothing_moved(before, reader.page.evaluate(POSITIONS))
    moderate(long_site, "hide", *(f"new-{number}" for number in range(5)))
    expect(reader.page.locator("#comment-new-4")).to_have_count(0)
    assert_nothing_moved(before, reader.page.evaluate(POSITIONS))


def test_scrolled_up_nothing_in_view_moves_when_one_further_up_is_hidden_P2(reader, long_site):
    reader.scrolls_to(3000)
    before = reader.page.evaluate(POSITIONS)
    moderate(long_site, "hide", "history-2200")
    expect(reader.page.locator("#comment-history-2200")).to_have_count(0)
    assert_nothing_moved(before, reader.page.evaluate(POSITIONS))
    moderate(long_site, "restore", "history-2200")
    expect(reader.page.locator("#comment-history-2200")).to_have_count(1)
    assert_nothing_moved(before, reader.page.evaluate(POSITIONS))


def test_at_the_end_the_end_stays_in_view_P2(arrive, new_site):
    import_into(new_site, history(60))
    reader = arrive(new_site).opens().is_live()
    for number in range(3):
        new_site.post({"text": "many\nlines\n" * 5 + f"and number {number}", "username": "Eve"})
        expect(reader.page.locator(".comment").filter(has_text=f"and number {number}")).to_have_count(1)
        assert reader.page.evaluate(AT_END)
    expect(reader.page.locator("#pill")).to_be_hidden()


def test_the_pill_counts_what_is_new_and_leads_there_P3_P4(arrive, new_site):
    import_into(new_site, history(60))
    reader = arrive(new_site).opens().is_live()
    reader.scrolls_to(600)
    for number in range(3):
        new_site.post({"id": f"new-{number}", "text": f"news {number}", "username": "Eve"})
    expect(reader.page.locator("#pill")).to_have_text("3 new comments")
    assert reader.page.title().startswith("(3) ")
    expect(reader.page.locator(".comment--first-fresh")).to_have_id("comment-new-0")
    reader.page.click("#pill")
    expect(reader.comment("news 2")).to_be_in_viewport()
    expect(reader.page.locator("#pill")).to_be_hidden()
    assert not reader.page.title().startswith("(")
    expect(reader.page.locator(".comment--first-fresh")).to_have_id("comment-new-0")


def test_sending_leads_back_to_the_end(arrive, new_site):
    import_into(new_site, history(60))
    writer = arrive(new_site).opens().is_live().is_named("Ada")
    writer.scrolls_to(600)
    writer.says("back down")
    expect(writer.comment("back down")).to_be_in_viewport()


def test_sending_from_far_back_leads_to_the_newest_with_the_comment_there(arrive, new_site):
    import_into(new_site, history(1500))
    writer = arrive(new_site).opens().is_live().is_named("Ada")
    scroll_back_until(writer, lambda: 0 in numbers(writer))
    writer.says("from long ago")
    wait_until(lambda: writer.texts[-1] == "from long ago", 8, writer.page)
    writer.sees("from long ago")
    expect(writer.comment("from long ago")).to_be_in_viewport()
    expect(writer.comment("comment 1499")).to_be_in_viewport()


def test_hundreds_of_arrivals_leave_a_bounded_page_R38_P5(arrive, new_site):
    import_into(new_site, history(60))
    reader = arrive(new_site).opens().is_live()
    for number in range(970):
        new_site.post({"text": f"flood {number}", "username": "Eve"})
    reader.sees("flood 969", timeout=10_000)
    all_of_it = [f"flood {number}" for number in range(970)]
    assert 150 <= len(reader.texts) <= 1000
    assert reader.texts[-150:] == all_of_it[-150:]
    scroll_back_until(reader, lambda: "flood 0" in reader.texts)
    seen = [text for text in reader.texts if text in all_of_it]
    assert seen == all_of_it[: len(seen)]


def test_older_comments_that_fail_to_load_can_be_asked_for_again(reader):
    reader.expects_failing_requests()
    reader.page.route("**/api/comments?before=*", lambda route: route.abort(), times=1)
    reader.page.evaluate("() => { const s = document.querySelector('#stream'); s.scrollTop = -s.scrollHeight }")
    expect(reader.page.locator("#edge")).to_contain_text("could not be loaded")
    first = numbers(reader)[0]
    reader.page.get_by_role("button", name="Try again").click()
    wait_until(lambda: numbers(reader)[0] < first, 5, reader.page)


def test_without_a_script_links_lead_to_the_very_first_comment_and_back_P34(arrive, new_site):
    import_into(new_site, history(120))
    reader = arrive(new_site, java_script_enabled=False).opens()
    seen = numbers(reader)
    while reader.page.get_by_role("link", name="Older comments").count():
        reader.page.get_by_role("link", name="Older comments").click()
        seen = numbers(reader) + seen
    assert seen == list(range(120))
    reader.page.get_by_role("link", name="Newest comments").click()
    expect(reader.comment("comment 119")).to_be_in_viewport()
