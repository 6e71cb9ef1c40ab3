"""Name and colour: fields as long as there is no name, then one chip that opens them."""

from playwright.sync_api import expect


def test_a_name_becomes_a_chip_that_opens_again_by_click_and_by_keyboard(arrive, site):
    visitor = arrive(site).opens().is_live()
    chip, name = visitor.page.locator("#chip"), visitor.page.locator("#name")
    expect(chip).to_be_hidden()
    visitor.page.focus("#text")
    expect(name).to_be_visible()
    height = visitor.page.locator("#composer").bounding_box()["height"]
    visitor.is_named("Grace").page.focus("#text")
    expect(chip).to_have_text("Grace")
    expect(chip).to_have_accessible_name("Grace: change name and colour")
    expect(name).to_be_hidden()
    assert visitor.page.locator("#composer").bounding_box()["height"] < height - 40

    visitor.page.keyboard.press("Shift+Tab")
    expect(chip).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(name).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator("#text")).to_be_focused()
    expect(name).to_be_hidden()

    chip.click()
    name.fill("")
    visitor.says("nobody says this")
    expect(name).to_be_focused()
    expect(visitor.page.locator("#problem")).to_have_text("Choose a name first.")
    name.fill("W" * 16)
    visitor.page.press("#text", "Enter")
    visitor.sees("nobody says this")
    expect(chip).to_have_text("W" * 16)


def test_the_mark_beside_the_name_is_the_one_that_others_will_see_and_any_colour_may_be_chosen(arrive, site):
    visitor = arrive(site).opens().is_live()
    drawn = "(mark) => [[...mark.classList].slice(1).join(), mark.firstElementChild.getAttribute('d')]"
    shown = []
    for username, color in (("Ada", "#123456"), ("Ben", "#123456"), ("Ben", "#fedcba")):
        visitor.is_named(username).page.fill("#color", color)
        shown.append(visitor.page.locator("#swatch .composer__mark").evaluate(drawn))
        visitor.says(f"{username} in {color}")
        visitor.sees(f"{username} in {color}")
        made = visitor.comment(f"{username} in {color}").locator(".comment__mark").evaluate(drawn)
        assert made == shown[-1] == visitor.page.locator("#chip .composer__mark").evaluate(drawn)
    assert len({path for _, path in shown}) == 3


def test_the_welcome_is_over_when_closed_or_when_something_was_sent_and_who_comes_back_finds_the_chip(arrive, site):
    visitor = arrive(site).opens().is_live()
    welcome = visitor.page.locator("#welcome")
    expect(welcome).to_be_visible()
    visitor.page.get_by_role("button", name="Close this hint").click()
    expect(welcome).to_be_hidden()
    expect(visitor.page.locator("#text")).to_be_focused()
    visitor.is_named("Ada").page.focus("#text")
    visitor.page.reload()
    expect(welcome).to_be_hidden()
    expect(visitor.page.locator("#chip")).to_have_text("Ada")

    other = arrive(site).opens().is_live().is_named("Ben").says("hello")
    other.sees("hello")
    other.opens_name()
    expect(other.page.locator("#welcome")).to_be_hidden()

    plain = arrive(site, java_script_enabled=False).opens()
    expect(plain.page.locator("#welcome")).to_be_hidden()
    expect(plain.page.locator("#chip")).to_be_hidden()
