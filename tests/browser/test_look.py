"""What the stream looks like in time: days, what is new, what comes, and what is one's own."""

import re
import time
from itertools import pairwise

from playwright.sync_api import expect

from tests.browser.conftest import WITHIN_ONE_POLL_MS, broken_route, history, import_into

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DAY_MS = 24 * 3600 * 1000
BACKGROUND = "(item) => getComputedStyle(item).backgroundColor"
ANIMATION = "(item) => [getComputedStyle(item).animationName, getComputedStyle(item).animationDuration]"
TRANSPARENT = "rgba(0, 0, 0, 0)"


def three_days(now: int) -> list[dict]:
    """Forty comments on each of three days, the last of them today."""
    return [
        comment | {"id": f"day-{ago}-{comment['id']}"}
        for ago in (2, 1, 0)
        for comment in history(40, newest_ms=now - ago * DAY_MS)
    ]


def at_noon() -> int:
    return time.time_ns() // 1_000_000 // DAY_MS * DAY_MS + DAY_MS // 2


# So many pixels below the upper end of the stream.
TO_TOP = """(item, above) => {
  const stream = document.querySelector("#stream");
  stream.scrollTop += item.getBoundingClientRect().top - stream.getBoundingClientRect().top - above;
}"""


def test_the_day_of_what_one_reads_stands_above_it_P7(arrive, new_site):
    import_into(new_site, three_days(at_noon() - DAY_MS))
    visitor = arrive(new_site)
    visitor.page.clock.set_fixed_time((at_noon()) / 1000)
    visitor.opens().is_live()
    line = visitor.page.locator("#day")
    expect(line).to_be_hidden()
    visitor.scrolls_to(700)
    expect(line).to_have_text("Yesterday")
    visitor.page.locator("#comment-day-1-history-30").scroll_into_view_if_needed()
    visitor.page.locator("#comment-day-1-history-30").evaluate("(item) => item.scrollIntoView()")
    expect(line).to_have_text(re.compile(r"^\d+ [A-Z][a-z]+ 20\d\d$"))
    assert visitor.page.locator("[data-day=Yesterday]").count() == 1

    begins = visitor.page.locator("[data-day=Yesterday]")
    for above, is_seen in ((30, False), (-5, True)):
        begins.evaluate(TO_TOP, above)
        expect(line).to_be_visible(visible=is_seen)


def test_short_words_take_little_room_and_stand_by_the_form(arrive, new_site):
    now = time.time_ns() // 1_000_000
    import_into(new_site, [{"text": "yes", "username": f"user {n}", "timestamp": now - n * 1000} for n in range(9)])
    for most, screen in ((36, {}), (60, PHONE)):
        items = arrive(new_site, **screen).opens().is_live().page.locator("#comments .comment")
        tops = items.evaluate_all("(items) => items.map((item) => item.getBoundingClientRect().top)")
        assert max(below - above for above, below in pairwise(tops)) <= most
        last, form = items.last.bounding_box(), items.page.locator("#composer").bounding_box()
        assert 0 <= form["y"] - last["y"] - last["height"] < 30


def test_a_time_is_seen_without_a_pointer_and_that_of_a_shared_name_by_tapping_P7(arrive, new_site):
    for text in ("first of Ada", "second of Ada"):
        new_site.post({"text": text, "username": "Ada"})
    visitor = arrive(new_site, **PHONE).opens().is_live()
    times = visitor.page.locator("#comments .comment__time")
    opacity = "(time) => getComputedStyle(time).opacity"
    assert [times.nth(at).evaluate(opacity) for at in (0, 1)] == ["1", "0"]
    visitor.comment("second of Ada").tap()
    assert times.nth(1).evaluate(opacity) == "1"


def test_what_is_new_is_labelled_and_comes_gently_but_not_for_who_wants_no_motion_P4_P23(arrive, new_site):
    import_into(new_site, history(60))
    reader, calm = arrive(new_site).opens().is_live(), arrive(new_site, reduced_motion="reduce").opens().is_live()
    for one in (reader, calm):
        one.scrolls_to(600)
    new_site.post({"id": "news", "text": "news", "username": "Eve"})
    for one, animation in ((reader, ["arrive", "0.12s"]), (calm, ["none", "0s"])):
        item = one.page.locator("#comment-news")
        expect(item).to_have_count(1, timeout=WITHIN_ONE_POLL_MS)
        assert item.evaluate(ANIMATION) == animation
        expect(item).to_have_attribute("data-fresh", "New")
        assert item.evaluate("(item) => getComputedStyle(item, '::after').content") == '"New"'
        assert one.page.locator(".comment--arriving").count() == 1, "what was there does not come"


def test_ones_own_are_tinted_sent_or_not_and_after_a_reload(arrive, new_site):
    new_site.post({"text": "of somebody else", "username": "Eve"})
    visitor = arrive(new_site).opens().is_live().is_named("Ada")
    with broken_route(visitor, "**/api/comments"):
        visitor.says("my own")
        tint = visitor.page.locator("#outbox .comment").evaluate(BACKGROUND)
    expect(visitor.page.locator("#comments .comment--own")).to_have_text(re.compile("my own"), timeout=20_000)
    for _ in range(2):
        visitor.page.mouse.move(0, 0)
        assert visitor.comment("my own").evaluate(BACKGROUND) == tint != TRANSPARENT
        assert visitor.comment("of somebody else").evaluate(BACKGROUND) == TRANSPARENT
        visitor.page.reload()
        visitor.is_live()
