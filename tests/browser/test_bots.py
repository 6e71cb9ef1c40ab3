"""What bots say is marked, and the mark leads to who runs them."""

from playwright.sync_api import expect


def test_R57_the_badge_of_a_bot_leads_to_who_runs_it_live_served_and_without_a_script(arrive, new_site):
    token = new_site.manage("create_bot", "a/b & ü", "--operator", "Ada Lovelace").stdout.strip()
    visitor = arrive(new_site).opens().is_live()
    new_site.post({"text": "beep", "username": "x"}, authorization=f"Bearer {token}")
    new_site.post({"text": "by a person", "username": "Ada"})
    visitor.sees("by a person")
    badge = visitor.comment("beep").locator(".comment__badge")
    expect(badge).to_have_accessible_name("AI")
    expect(visitor.comment("by a person").locator(".comment__badge")).to_be_hidden()
    address = badge.evaluate("badge => badge.href")

    plain = arrive(new_site, java_script_enabled=False).opens()
    served = plain.page.locator(".comment", has_text="beep").locator(".comment__badge")
    served.click()
    for page in (plain.page, visitor.page):
        if page is visitor.page:
            visitor.comment("beep").focus()
            page.keyboard.press("Tab")
            expect(badge).to_be_focused()
            page.keyboard.press("Enter")
        expect(page).to_have_url(address)
        expect(page.locator("main")).to_contain_text("Ada Lovelace")
