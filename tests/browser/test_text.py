"""Text as it was meant: in its direction, as long as it is, copied, translated, printed."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import history, import_into, moderate, wait_until

CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
PLACES_OF_LETTERS = """(text) => {
  const [node] = text.childNodes;
  return [...node.data].map((letter, at) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect().left;
  });
}"""
# Of each line: how far its letters are from the left and from the right of the text.
MARGINS_OF_LINES = """(text) => {
  const place = text.getBoundingClientRect();
  const range = document.createRange();
  range.selectNodeContents(text);
  const lines = new Map();
  for (const { top, left, right, width } of range.getClientRects()) {
    if (width === 0) continue;
    const line = Math.round((top - place.top) / 24);
    const [before, after] = lines.get(line) ?? [Infinity, Infinity];
    lines.set(line, [Math.min(before, left - place.left), Math.min(after, place.right - right)]);
  }
  return [...lines.entries()].sort(([one], [other]) => one - other).map(([, margins]) => margins);
}"""
TRANSLATE = """() => {
  const walker = document.createTreeWalker(document.querySelector(".app"), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts.filter((text) => text.data.trim() && !text.parentElement.closest("[translate=no]"))) {
    const [outer, inner] = [document.createElement("font"), document.createElement("font")];
    inner.textContent = `translated ${text.data}`;
    outer.append(inner);
    text.replaceWith(outer);
  }
}"""
ADD_FOREIGN_NODES = """() => {
  const list = document.querySelector("#comments");
  for (const item of [...list.children]) {
    const foreign = document.createElement("div");
    foreign.className = "foreign";
    foreign.dataset.behind = item.id;
    item.after(foreign);
  }
  const first = document.createElement("div");
  first.className = "foreign";
  first.id = "comment-";
  list.prepend(first);
  list.append("a text of theirs");
}"""
BEHIND = """() => [...document.querySelectorAll(".foreign[data-behind]")]
  .map((node) => [node.dataset.behind, node.previousElementSibling?.id])"""
COPY_TO_FORM = """([first, from, last, to]) => {
  const part = (id, name) => document.querySelector(`#comment-${id} .comment__${name}`).firstChild;
  const range = document.createRange();
  range.setStart(part(...first), from);
  range.setEnd(part(...last), to);
  document.activeElement.blur();
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@pytest.fixture(params=["script", "server"])
def reader(request, arrive, new_site):
    """Opens the page with a script or without one: `reader()`."""

    def opens():
        if request.param == "server":
            return arrive(new_site, java_script_enabled=False).opens()
        return arrive(new_site).opens().is_live()

    return opens


def text_of(visitor, id: str):
    return visitor.page.locator(f"#comment-{id} .comment__text")


# Directions


def test_no_control_character_turns_the_letters_behind_it_P26(reader, new_site):
    for at, control in enumerate(CONTROLS):
        new_site.post({"id": f"c{at}", "text": f"abc{control}def{control} ghi", "username": "Eve"})
    visitor = reader()
    for at in range(len(CONTROLS)):
        places = text_of(visitor, f"c{at}").evaluate(PLACES_OF_LETTERS)
        assert places == sorted(places)
        assert len(set(places)) == len("abcdef ghi")


def test_a_name_of_old_history_turns_nothing_either_P26(reader, new_site):
    import_into(new_site, history(1, username="A\u202eda", id="old"))
    assert reader().page.locator(".comment__name").text_content() == "Ada"


def test_marks_and_joiners_that_a_script_needs_stay_P26(reader, new_site):
    text = "می\u200cخواهم \u200eA\u200f \u061cب 👩\u200d🚀"
    new_site.post({"id": "marks", "text": text, "username": "Ada"})
    assert text_of(reader(), "marks").text_content() == text


def test_each_line_has_its_own_direction_as_in_the_form_P26(reader, new_site):
    lines = [
        ("left", "hello world"),
        ("right", "مرحبا بالعالم"),
        ("left", "hello عالم"),
        ("right", "שלום 123 world"),
        ("right", "123 שלום"),
        ("left", "https://example.org/a שלום"),
        ("right", "שלום https://example.org/a"),
    ]
    new_site.post({"id": "lines", "text": "\n".join(line for _, line in lines), "username": "Ada"})
    visitor = reader()
    margins = text_of(visitor, "lines").evaluate(MARGINS_OF_LINES)
    assert [("left" if left < 1 else "right" if right < 1 else "between") for left, right in margins] == [
        side for side, _ in lines
    ]
    for part in (text_of(visitor, "lines"), visitor.page.locator("#text")):
        assert part.evaluate("(part) => getComputedStyle(part).unicodeBidi") == "plaintext"


# Length


def test_a_text_of_hundreds_of_lines_is_cut_at_twelve_until_all_of_it_is_asked_for_P22(arrive, new_site):
    import_into(new_site, history(30))
    new_site.post({"id": "long", "text": "\n".join("abcdefgh"[n % 8] for n in range(400)), "username": "Eve"})
    new_site.post({"id": "last", "text": "the last", "username": "Ada"})
    visitor = arrive(new_site).opens().is_live()
    item, text = visitor.page.locator("#comment-long"), text_of(visitor, "long")
    assert text.bounding_box()["height"] == 12 * 24
    top = item.bounding_box()["y"]
    item.get_by_role("button", name="Show all").press("Enter")
    assert text.bounding_box()["height"] == 400 * 24
    assert abs(item.bounding_box()["y"] - top) <= 1
    less = item.get_by_role("button", name="Show less")
    expect(less).to_be_focused()
    less.press("Enter")
    assert text.bounding_box()["height"] == 12 * 24
    expect(item.get_by_role("button", name="Show all")).to_be_focused()


def test_twelve_lines_are_shown_as_they_are_and_thirteen_are_not(arrive, new_site):
    for count in (12, 13):
        new_site.post({"id": f"of-{count}", "text": "\n".join("x" * count), "username": "Eve"})
    visitor = arrive(new_site).opens().is_live()
    visitor.is_named("Ada").says("own")
    visitor.sees("own")
    expect(visitor.page.locator("#comment-of-13 .comment__more")).to_be_visible()
    expect(visitor.page.locator(".comment__more")).to_have_count(1)
    assert text_of(visitor, "of-12").bounding_box()["height"] == 12 * 24


def test_a_text_that_a_narrow_screen_breaks_into_more_lines_is_cut_there(arrive, new_site):
    new_site.post({"id": "words", "text": "word " * 120, "username": "Eve"})
    visitor = arrive(new_site, viewport={"width": 1200, "height": 800}).opens().is_live()
    expect(visitor.page.locator(".comment__more")).to_have_count(0)
    visitor.page.set_viewport_size({"width": 320, "height": 800})
    expect(visitor.page.locator(".comment__more")).to_have_count(1)
    visitor.page.set_viewport_size({"width": 1200, "height": 800})
    expect(visitor.page.locator(".comment__more")).to_have_count(0)


def test_without_a_script_a_long_text_scrolls_in_twelve_lines_P34(arrive, new_site):
    new_site.post({"id": "long", "text": "x\n" * 400 + "x", "username": "Eve"})
    visitor = arrive(new_site, java_script_enabled=False).opens()
    text = text_of(visitor, "long")
    assert text.bounding_box()["height"] == 12 * 24
    assert text.evaluate("(text) => getComputedStyle(text).overflowY") == "auto"


# Copies


@pytest.fixture
def copied(arrive, new_site):
    """What is copied when this is selected: `copied((id, part), from, (id, part), to)`."""
    talk = {
        "ada-1": ("Ada", "first words"),
        "ada-2": ("Ada", "a second line\nof hers"),
        "ben": ("Ben", "his\u202e own"),
    }
    for id, (username, text) in talk.items():
        new_site.post({"id": id, "text": text, "username": username})
    visitor = arrive(new_site).opens().is_live()

    def copied(*selection) -> str:
        visitor.page.evaluate(COPY_TO_FORM, selection)
        visitor.page.keyboard.press("Control+C")
        visitor.page.fill("#text", "")
        visitor.page.press("#text", "Control+V")
        return visitor.page.input_value("#text")

    return copied


def test_a_selection_over_comments_is_copied_as_lines_of_names_and_texts_P29(copied):
    assert copied(("ada-1", "name"), 0, ("ben", "text"), 7) == (
        "Ada: first words\nAda: a second line\nof hers\nBen: his own"
    )
    assert copied(("ada-1", "text"), 6, ("ada-2", "text"), 8) == "Ada: words\nAda: a second"
    assert copied(("ada-1", "text"), 6, ("ben", "name"), 2) == "Ada: words\nAda: a second line\nof hers"


def test_one_whole_comment_is_copied_with_its_name_and_a_part_of_one_text_without_P29(copied):
    assert copied(("ben", "name"), 0, ("ben", "text"), 7) == "Ben: his own"
    assert copied(("ben", "text"), 0, ("ben", "text"), 3) == "his"
    assert copied(("ada-2", "text"), 2, ("ada-2", "text"), 21) == "second line\nof hers"


def test_what_is_copied_in_the_form_is_copied_as_it_is_P29(visitor):
    visitor.is_named("Ada")
    visitor.page.fill("#text", "my own")
    visitor.page.press("#text", "Control+A")
    visitor.page.press("#text", "Control+C")
    visitor.page.press("#text", "End")
    visitor.page.press("#text", "Control+V")
    expect(visitor.page.locator("#text")).to_have_value("my ownmy own")


# Pages that something else works on


def test_ages_go_on_in_a_translated_page_and_names_are_not_translated_P7(arrive, new_site):
    visitor = arrive(new_site)
    visitor.page.clock.install()
    visitor.expected.append("WebSocket")
    visitor.opens().is_live()
    new_site.post({"text": "just now", "username": "Grace"})
    visitor.sees("just now")
    visitor.page.evaluate(TRANSLATE)
    time = visitor.page.locator("#comments .comment__time")
    expect(time).to_have_text("translated now")
    for _ in range(2):
        visitor.page.clock.run_for(95_000)
        assert re.fullmatch(r"\d+m", time.text_content())
    expect(visitor.page.locator("#comments .comment__name")).to_have_text("Grace")


def test_nodes_that_an_extension_puts_into_the_list_stay_where_they_are_R36(arrive, new_site):
    import_into(new_site, history(600))
    visitor = arrive(new_site).opens().is_live()
    visitor.page.evaluate(ADD_FOREIGN_NODES)
    new_site.post({"text": "comes after them", "username": "Eve"})
    visitor.sees("comes after them")
    moderate(new_site, "hide", "history-590")
    visitor.does_not_see("comment 590")
    moderate(new_site, "restore", "history-590")
    visitor.sees("comment 590")
    places = visitor.page.evaluate(BEHIND)
    assert len(places) == 50
    assert [(id, place) for id, place in places if id != place and id != "comment-history-590"] == []
    assert visitor.page.locator("#comments > #comment-.foreign").count() == 1
    assert [text for text in visitor.texts if text.startswith("comment ")][-20:] == [
        f"comment {number}" for number in range(580, 600)
    ]


def test_nodes_that_were_in_the_list_before_the_script_stay_R36(arrive, new_site):
    import_into(new_site, history(5))
    visitor = arrive(new_site)
    visitor.context.add_init_script(
        f"new MutationObserver((_, observer) => document.querySelector('#outbox') && (observer.disconnect(), "
        f"({ADD_FOREIGN_NODES})())).observe(document, {{ childList: true, subtree: true }})"
    )
    visitor.opens().is_live()
    assert visitor.texts == [f"comment {number}" for number in range(5)]
    assert visitor.page.evaluate(BEHIND) == [[f"comment-history-{n}"] * 2 for n in range(5)]
    assert visitor.page.locator("#comments > #comment-.foreign").count() == 1


# Paper and readers


def test_a_printed_page_is_a_clean_transcript_P40(arrive, new_site):
    import_into(new_site, history(80))
    new_site.post({"id": "long", "text": "x\n" * 60 + "x", "username": "Eve"})
    visitor = arrive(new_site).opens().is_live()
    visitor.page.emulate_media(media="print")
    assert visitor.page.locator("button:visible, input:visible, textarea:visible, .edge a:visible").count() == 0
    assert visitor.page.evaluate("document.documentElement.scrollHeight") > 80 * 24 + 61 * 24
    assert text_of(visitor, "long").bounding_box()["height"] == 61 * 24
    tops = visitor.page.eval_on_selector_all(
        ".comment", "(items) => items.map((item) => item.getBoundingClientRect().top + scrollY)"
    )
    assert tops == sorted(tops)
    assert tops[0] > 0


def test_a_reader_view_has_names_times_and_texts_and_nothing_else_P40(arrive, new_site):
    import_into(new_site, history(3))
    new_site.post({"text": "line one\nline two", "username": "Eve"})
    for script in (True, False):
        visitor = arrive(new_site, java_script_enabled=script).opens()
        wait_until(lambda page=visitor.page: page.locator("#comments .comment").count() == 4, 10, visitor.page)
        # As a reader view takes it: the text alone, without styles and without what is hidden.
        visitor.page.evaluate(
            "document.querySelectorAll('link[rel=stylesheet], #comments [hidden]').forEach((node) => node.remove())"
        )
        words = " ".join(visitor.page.locator("#comments").text_content().split())
        ages = r"(?:\d+m|now)"
        said = "".join(f"user {n} {ages} comment {n} " for n in range(3))
        assert re.fullmatch(f"{said}Eve {ages} line one line two", words)
