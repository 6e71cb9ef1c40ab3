"""The panel of settings, sounds, and the quiet change to a new version of the page."""

import json
import re

from playwright.sync_api import expect

from tests.browser.conftest import SCRIPT, history, import_into

COUNT_TONES = """
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { tones.push(performance.now()); return start.call(this, at); };
"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
HIDE = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def opens_settings(visitor):
    visitor.page.click("#open-settings")
    return visitor.page.locator("#settings")


def test_what_is_set_takes_effect_is_kept_and_is_there_before_anything_is_drawn_R49(arrive, site):
    site.post({"text": "to be seen", "username": "Eve"})
    visitor = arrive(site, color_scheme="light").opens().is_live()
    light = visitor.page.evaluate(BACKGROUND)
    panel = opens_settings(visitor)
    panel.get_by_text("Dark", exact=True).click()
    dark = visitor.page.evaluate(BACKGROUND)
    assert dark != light
    panel.get_by_text("Larger", exact=True).click()
    assert visitor.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    panel.get_by_text("14:05", exact=True).click()
    times = visitor.page.locator("#comments .comment__time")
    expect(times.last).to_have_text(re.compile(r"^\d\d:\d\d$"))
    panel.get_by_label("2:05 PM").click()
    expect(times.last).to_have_text(re.compile(r"^\d{1,2}:\d\d\s[AP]M$"))
    panel.get_by_role("group", name="Motion").get_by_text("None").click()
    visitor.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(visitor.page.locator("#open-settings")).to_be_focused()

    # The module comes late, as on a slow line: what is drawn until then is right already.
    visitor.page.route(SCRIPT, lambda route: route.abort())
    visitor.expects_failing_requests()
    visitor.page.reload()
    assert visitor.page.evaluate(BACKGROUND) == dark
    assert visitor.page.evaluate("document.documentElement.dataset.motion") == "none"


def test_keys_are_explained_by_one_but_never_while_typing_and_only_if_wanted_P22(arrive, site):
    visitor = arrive(site).opens().is_live()
    panel = visitor.page.locator("#settings")
    visitor.page.press("#text", "?")
    expect(visitor.page.locator("#text")).to_have_value("?")
    expect(panel).to_be_hidden()
    visitor.page.focus("#stream")
    visitor.page.keyboard.press("Control+?")
    expect(panel).to_be_hidden()
    visitor.page.keyboard.press("?")
    expect(panel.get_by_text("sends", exact=True)).to_be_visible()
    panel.get_by_text("Does nothing").click()
    visitor.page.keyboard.press("Escape")
    visitor.page.focus("#stream")
    visitor.page.keyboard.press("?")
    expect(panel).to_be_hidden()


def test_settings_that_make_no_sense_do_no_harm_R20(arrive, site):
    visitor = arrive(site)
    visitor.context.add_init_script(
        """localStorage.setItem("settings", '{"theme": {}, "size": 7, "sound": "constructor", "volume": "1e9"}');"""
    )
    visitor.opens().is_live().is_named("Ada").says("all the same")
    visitor.sees("all the same")
    expect(visitor.page.locator("#mute")).to_be_hidden()


def test_sounds_are_chosen_told_of_muted_and_at_most_one_a_second_P19_R51(arrive, new_site):
    visitor = arrive(new_site)
    visitor.context.add_init_script(COUNT_TONES)
    visitor.opens().is_live().is_named("Ada")
    tones = lambda: visitor.page.evaluate("tones.length")  # noqa: E731
    new_site.post({"text": "without a sound", "username": "Eve"})
    visitor.sees("without a sound")
    assert tones() == 0
    opens_settings(visitor).locator("[name=sound]").select_option("drop")
    mute = visitor.page.locator("#mute")
    expect(mute).to_have_accessible_name("Sounds are on: mute them")
    visitor.page.keyboard.press("Escape")
    visitor.page.evaluate("tones.length = 0")
    visitor.page.wait_for_timeout(1000)  # since the sample
    for number in range(5):
        new_site.post({"text": f"one of many {number}", "username": "Eve"})
    visitor.sees("one of many 4")
    assert 1 <= tones() <= 5
    apart = visitor.page.evaluate("tones.slice(1).map((at, n) => at - tones[n])")
    assert all(milliseconds >= 990 for milliseconds in apart)

    mute.click()
    expect(mute).to_have_accessible_name("Sounds are muted: turn them on")
    visitor.page.evaluate("tones.length = 0")
    visitor.says("my own makes none")
    visitor.sees("my own makes none")
    new_site.post({"text": "nor does this", "username": "Eve"})
    visitor.sees("nor does this")
    import_into(new_site, history(3, text="from long ago"))
    assert tones() == 0


FREQUENCIES = """
  window.heard = [];
  window.later = 0; // at most one sounds in a second
  const now = performance.now.bind(performance);
  performance.now = () => now() + later;
  const set = AudioParam.prototype.setValueAtTime;
  AudioParam.prototype.setValueAtTime = function (value, at) {
    if (value > 20) heard.push(value); // and not how loud
    return set.call(this, value, at);
  };
"""
DROP, BELL, WOOD = [520], [1320, 2640], [330, 990]


def test_a_sound_that_cannot_be_made_keeps_no_comment_from_being_seen_R22(arrive, new_site):
    visitor = arrive(new_site)
    visitor.expected.append("no sound today")
    visitor.context.add_init_script(
        f"""{FREQUENCIES}
        window.failed = 0;
        AudioContext.prototype.createOscillator = () => {{ failed += 1; throw new Error("no sound today"); }};"""
    )
    visitor.opens().is_live()
    opens_settings(visitor).locator("[name=sound]").select_option("drop")
    expect(visitor.page.locator("#mute")).to_have_accessible_name("Sounds are on: mute them")
    for number in range(2):
        visitor.page.evaluate("[later, failed] = [later + 1000, 0]")
        new_site.post({"text": f"seen all the same {number}", "username": "Eve"})
        visitor.sees(f"seen all the same {number}")
        assert visitor.page.evaluate("failed") == 1
    visitor.is_live()


def test_a_chip_has_a_sound_of_its_own_that_is_kept_P19_R51(arrive, new_site):
    visitor = arrive(new_site)
    visitor.context.add_init_script(FREQUENCIES)

    def hears_of(name: str, text: str) -> list[int]:
        visitor.page.evaluate("[later, heard.length] = [later + 1000, 0]")
        new_site.post({"text": text, "username": name})
        visitor.sees(text)
        return visitor.page.evaluate("heard")

    visitor.opens("/#u=Ada+Eve&word=tea&filteractive=false").is_live()
    sound = lambda name: visitor.page.get_by_label(f"Sound for {name}", exact=True)  # noqa: E731
    sound("Ada").focus()
    sound("Ada").select_option("bell")
    visitor.waits_for("heard.length > 0")
    assert visitor.page.evaluate("heard") == BELL
    expect(sound("Ada")).to_be_focused()
    sound("“tea”").select_option("wood")
    expect(visitor.page.locator("#mute")).to_have_accessible_name("Sounds are on: mute them")
    assert hears_of("ada", "a person") == BELL
    assert hears_of("Bob", "more tea") == WOOD
    assert hears_of("Bob", "more") == []

    opens_settings(visitor).locator("[name=sound]").select_option("drop")
    visitor.page.keyboard.press("Escape")
    visitor.page.reload()
    visitor.is_live().page.click("#text")
    expect(sound("Ada")).to_have_value("bell")
    assert hears_of("Ada", "again") == BELL
    assert hears_of("Eve", "in a chip without a sound") == DROP
    visitor.page.get_by_role("button", name="Remove Ada").click()
    assert hears_of("Ada", "without a chip") == DROP
    visitor.is_named("Eve")
    visitor.page.evaluate("[later, heard.length] = [later + 1000, 0]")
    visitor.says("my own tea")
    visitor.sees("my own tea")
    assert visitor.page.evaluate("heard") == []

    # Whatever stands there does no harm.
    hostile = json.dumps([["u=Eve", "constructor"], 7, {"0": "u=Eve"}, ["u=Eve"], None])
    visitor.page.evaluate("(value) => localStorage.setItem('sounds', value)", hostile)
    visitor.page.reload()
    visitor.is_live()
    expect(sound("Eve")).to_have_value("none")


def test_a_browser_that_lets_no_page_sound_before_a_click_is_told_of_R51(arrive, site):
    visitor = arrive(site)
    visitor.context.add_init_script("""localStorage.setItem("settings", '{"sound": "bell"}');""")
    visitor.opens().is_live()
    mute = visitor.page.locator("#mute")
    expect(mute).to_have_accessible_name("Sounds wait for your first click on the page")
    visitor.page.click("#stream")
    expect(mute).to_have_accessible_name("Sounds are on: mute them")


def test_the_icon_has_a_dot_while_something_is_new_P19(arrive, new_site):
    import_into(new_site, history(60))
    visitor = arrive(new_site).opens().is_live()
    icon = visitor.page.locator("link[rel=icon]")
    plain = icon.get_attribute("href")
    visitor.scrolls_to(700)
    new_site.post({"text": "news", "username": "Eve"})
    expect(icon).to_have_attribute("href", re.compile("favicon-news"))
    visitor.page.click("#pill")
    expect(icon).to_have_attribute("href", re.compile(f"{plain}$"))


def test_how_many_read_is_told_by_the_feed(arrive, start_server):
    site = start_server("sqlite", application="tests.support.quick_readers_asgi:application")
    one, another, third = (arrive(site).opens().is_live() for _ in range(3))
    for reader in (one, another, third):
        expect(reader.page.locator("#readers")).to_have_text("3 reading now", timeout=20_000)
    expect(arrive(site, java_script_enabled=False).opens().page.locator("#readers")).to_have_text("3 reading now")
    third.page.close()
    expect(one.page.locator("#readers")).to_have_text("2 reading now", timeout=20_000)
    another.page.close()
    expect(one.page.locator("#readers")).to_have_text("", timeout=20_000)


def test_a_new_version_is_taken_when_idle_and_nothing_typed_is_lost_P36_R71_R72(arrive, make_server):
    site = make_server("sqlite", application="tests.support.named_build_asgi:application")
    (site.folder / "build").write_text("old")
    with site:
        visitor = arrive(site).opens().is_live().is_named("Ada").says("before it")
        visitor.sees("before it")
        visitor.page.evaluate("window.isOld = true")
        visitor.page.fill("#text", "half a sentence")
        (site.folder / "build").write_text("new")
        site.post({"text": "the old page works on", "username": "Eve"})  # and tells of the new version
        visitor.sees("the old page works on")
        visitor.page.evaluate(HIDE)
        assert visitor.page.evaluate("window.isOld")
        expect(visitor.page.locator("#text")).to_have_value("half a sentence")
        visitor.page.fill("#text", "")
        visitor.page.evaluate(HIDE)  # or else it looks in five seconds
        expect(visitor.page.locator("#stream")).to_have_attribute("data-build", "new", timeout=20_000)
        visitor.is_live()
        expect(visitor.page.locator("#chip")).to_have_text("Ada")
        visitor.sees("the old page works on")
        visitor.page.close()
