"""What it looks like: narrow and wide, dark and light, with and without a script."""

import itertools
import re
import time

import pytest
from playwright.sync_api import expect

from comments.templatetags.stream import HUES, TONES
from tests.browser.conftest import SCRIPT, history, import_into

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SMALL = {"viewport": {"width": 320, "height": 640}}
OVERFLOWING = """() => [...document.querySelectorAll(".app *:not(.visually-hidden)")]
  .filter((element) => element.checkVisibility({ opacityProperty: true }))
  .filter((element) => element.scrollWidth > Math.max(element.clientWidth, innerWidth)
    || element.getBoundingClientRect().right > innerWidth || element.getBoundingClientRect().left < 0)
  .map((element) => element.className)"""
WIDE = [
    "w" * 500,
    "https://example.org/" + "path/" * 100,
    "🏳️‍🌈" * 60 + "👨‍👩‍👧‍👦" * 60,
    "مرحبا hello 123 שלום",
    "\ttabs\tand   spaces " * 20,
    "Z̸̧̢̛̫͎͔͙̱͇̊͂͊̀͝a̵̜̘̎͐̕l̷̛̖̝̣̅̊̽g̶̢̛̮̝̽̇o̶̩̎" * 10,
]
AUTHORS = [f"hue-{hue}{tone}" for hue in ("grey", *range(HUES)) for tone in TONES]
COMPARE_MARKUP = """async (html) => {
  const { newItem, mark } = await import("/static/js/view/comment.js");
  const { comments } = await (await fetch("/api/comments?limit=500")).json();
  const served = [...new DOMParser().parseFromString(html, "text/html").querySelectorAll(".comment")];
  return comments.map((comment, at) => {
    const item = newItem(document.querySelector("#comment"), comment, Date.now());
    mark(item, comment, comments[at - 1], Date.now());
    const time = served[at].querySelector("time");
    time.title = time.title.replace(" UTC", ""); // local time has no zone to tell
    return [served[at].outerHTML, item.outerHTML, served[at].isEqualNode(item)];
  });
}"""
CONTRASTS = """(hues) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (color) => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const probe = document.body.appendChild(document.createElement("span"));
  const token = (name) => {
    probe.style.color = `var(${name})`;
    const { color } = getComputedStyle(probe);
    probe.style.color = "";
    return color;
  };
  const inherited = ["--text", "--text-quiet", "--accent", "--problem"];
  const grounds = ["--page-background", "--field-background", "--hover-background", "--own-background"].map(token);
  const found = {};
  for (const hue of hues) {
    probe.className = hue;
    probe.style.background = "var(--author-tint)";
    const { color, backgroundColor } = getComputedStyle(probe);
    found[hue] = Math.min(...grounds.map((ground) => contrast(color, ground)));
    found[`${hue} on its tint`] = contrast(color, backgroundColor);
  }
  for (const name of inherited) found[name] = Math.min(...grounds.map((ground) => contrast(token(name), ground)));
  found.button = contrast(token("--accent-text"), token("--accent"));
  found.problem = contrast(token("--problem"), token("--problem-background"));
  probe.remove();
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_name_and_word_has_a_contrast_of_at_least_4_5_P24(arrive, site, scheme):
    visitor = arrive(site, color_scheme=scheme).opens()
    found = visitor.page.evaluate(CONTRASTS, AUTHORS)
    assert len(found) == 2 * len(AUTHORS) + 6
    assert {name: ratio for name, ratio in found.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_any_two_colours_of_names_are_different_P24(arrive, site, scheme):
    visitor = arrive(site, color_scheme=scheme).opens()
    shown = visitor.page.evaluate(
        """(classes) => classes.map((names) => {
          const probe = document.body.appendChild(document.createElement("span"));
          probe.className = names;
          const { color } = getComputedStyle(probe);
          probe.remove();
          return color;
        })""",
        AUTHORS,
    )
    assert len(set(shown)) == len(AUTHORS) > 100
    lightness = {
        author: float(re.match(r"oklch\(([0-9.]+)", color)[1]) for author, color in zip(AUTHORS, shown, strict=True)
    }
    for tone, hue in itertools.product(TONES, range(HUES)):
        one, next_one = (lightness[f"hue-{number % HUES}{tone}"] for number in (hue, hue + 1))
        assert abs(one - next_one) > 0.03, "neighbours by hue are told apart by lightness too"


@pytest.mark.parametrize("screen", [SMALL, PHONE], ids=["320 px", "phone"])
def test_nothing_makes_a_small_screen_scroll_sideways_R45_R52_P18(arrive, new_site, screen):
    for text in WIDE:
        assert new_site.post({"text": text, "username": "W" * 16}).status == 201
    visitor = arrive(new_site, **screen).opens().is_live()
    expect(visitor.page.locator(".comment")).to_have_count(len(WIDE))
    assert visitor.page.evaluate(OVERFLOWING) == []
    visitor.is_named("Ada").says("w" * 300)
    expect(visitor.page.locator(".comment")).to_have_count(len(WIDE) + 1)
    assert visitor.page.evaluate(OVERFLOWING) == []


def test_controls_are_large_enough_to_touch_and_fields_do_not_make_phones_zoom_P18(arrive, site):
    visitor = arrive(site, **PHONE).opens().is_live()
    for control in ("#send", "#name", "#text", "#swatch"):
        box = visitor.page.locator(control).bounding_box()
        assert min(box["width"], box["height"]) >= 44, control
    for field in ("#name", "#text"):
        assert visitor.page.locator(field).evaluate("(field) => parseFloat(getComputedStyle(field).fontSize)") >= 16
    assert "user-scalable" not in visitor.page.get_attribute("meta[name=viewport]", "content")


def test_the_form_stays_in_view_however_long_the_text_P17(arrive, site):
    visitor = arrive(site, **SMALL).opens().is_live()
    visitor.page.fill("#text", "line\n" * 60)
    expect(visitor.page.locator("#send")).to_be_in_viewport(ratio=1)
    expect(visitor.page.locator("#name")).to_be_in_viewport(ratio=1)


def test_piled_up_marks_stay_inside_their_own_comment_P26(arrive, new_site):
    # As many as one letter may have.
    assert new_site.post({"text": "Z" + "\u0335\u0361\u0489" * 10, "username": "Zalgo"}).status == 201
    visitor = arrive(new_site).opens().is_live()
    assert visitor.page.locator(".comment__text").evaluate("(text) => getComputedStyle(text).overflowY") == "clip"
    assert visitor.page.locator(".comment__name").evaluate("(name) => getComputedStyle(name).overflowY") == "clip"
    assert visitor.page.locator(".comment").bounding_box()["height"] < 80


def test_the_markup_is_the_same_whether_server_or_script_made_it_R49(arrive, new_site):
    now = time.time_ns() // 1_000_000
    grey, seconds = {"color": "128128128", "username": "🥀ß"}, 1000
    import_into(
        new_site,
        [
            {"id": "a", "timestamp": now - 40 * 3600 * seconds, "username": "Ada", "text": "days ago"},
            {
                "id": "b",
                "timestamp": now - 90 * 60 * seconds,
                "username": "Ada",
                "text": "<b>&amp;",
                "color": "000000255",
            },
            {"id": "c", "timestamp": now - 72 * seconds, "text": "a\n b "} | grey,
            {"id": "d", "timestamp": now - 69 * seconds, "text": "again"} | grey,
            {"id": "e", "timestamp": now - 66 * seconds, "text": "https://example.org."} | grey,
            {"id": "f", "timestamp": now - 63 * seconds, "username": "bot", "text": "beep", "message-type": "AI"},
        ],
    )
    by_server = arrive(new_site, java_script_enabled=False).opens().page.locator("#comments").inner_html()
    compared = arrive(new_site).opens().is_live().page.evaluate(COMPARE_MARKUP, by_server)
    assert len(compared) == 6
    assert [(served, made) for served, made, is_equal in compared if not is_equal] == []


def test_nothing_in_view_moves_or_changes_colour_when_the_script_starts_R49(arrive, new_site):
    import_into(new_site, history(300))
    look = """() => [...document.querySelectorAll("#comments .comment")].slice(-8).map((item) => [
      item.getBoundingClientRect().top,
      item.textContent.replace(/\\s+/g, " "),
      getComputedStyle(item.querySelector(".comment__name")).color,
    ])"""
    slow = arrive(new_site)
    slow.expects_failing_requests()
    slow.page.route(SCRIPT, lambda route: route.abort())
    without_script = slow.opens().page.evaluate(look)
    with_script = arrive(new_site).opens().is_live().page.evaluate(look)
    assert with_script == without_script


def test_an_empty_stream_invites_to_begin(arrive, new_site):
    visitor = arrive(new_site).opens().is_live()
    expect(visitor.page.locator(".empty").first).to_be_visible()
    visitor.is_named("Ada").says("the first word")
    expect(visitor.page.locator(".empty").first).to_be_hidden()


def test_every_control_is_reached_by_tab_and_none_is_a_trap_R43_P22(visitor):
    visitor.page.locator("body").press("Tab")
    reached = []
    for _ in range(40):
        reached.append(visitor.page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        if reached[-1] == "send":
            break
        visitor.page.keyboard.press("Tab")
    assert [id for id in reached if id in ("stream", "color", "name", "text", "send")] == [
        "stream",
        "color",
        "name",
        "text",
        "send",
    ]
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.id") != "send"


def test_the_log_and_all_controls_have_names_P21(visitor):
    expect(visitor.page.get_by_role("log", name="Comments")).to_be_visible()
    for role, name in [("textbox", "Your name"), ("textbox", "Your comment"), ("button", "Send")]:
        expect(visitor.page.get_by_role(role, name=name)).to_be_visible()
    expect(visitor.page.get_by_label("Your colour")).to_be_attached()
