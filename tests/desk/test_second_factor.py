"""The codes of an app at the sign-in, for who wants them or for all; and for how long one stays signed in."""

import re
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from comments.models import Comment, State
from tests.support.cast import PASSWORD, logged_in

pytestmark = pytest.mark.django_db

LOGIN, DESK, OWN = "/admin/login/?next=/admin/bans/", "/admin/", "/admin/second-factor/"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Each code is the next one: as if half a minute lay between two."""
    began, steps = time.time(), 0

    def now() -> float:
        return began + 30 * steps

    def next_step() -> None:
        nonlocal steps
        steps += 1

    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time.time", now)
    next_step.now = now
    return next_step


@pytest.fixture
def code(clock):
    """What the app of an account shows: `code()`, or `code("ad")`."""

    def code(name: str = "mo") -> str:
        clock()
        totp = TOTP(TOTPDevice.objects.get(user__username=name).bin_key)
        totp.time = clock.now()
        return f"{totp.token():06}"

    return code


@pytest.fixture
def careful(desk, code):
    """The moderator with an app set up."""
    desk.get(OWN)
    assert desk.post(OWN, {"code": code()}).status_code == 302
    return desk


def with_password(name: str = "mo") -> Client:
    browser = Client()
    assert browser.post(LOGIN, {"username": name, "password": PASSWORD, "next": DESK}).status_code == 302
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/admin/bans/").status_code == 200


def test_whoever_wants_none_signs_in_as_before(moderator):
    assert is_in(with_password())


def test_an_app_is_set_up_by_a_picture_or_a_key_and_nobody_else_is_asked(desk, code):
    page = desk.get(OWN).text
    assert 'src="data:image/svg+xml' in page
    [key] = re.findall(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)
    device = TOTPDevice.objects.get()
    assert key.replace(" ", "") in device.config_url
    assert re.findall(r'(?:src|href|action)="(?!/|data:|#)[^"]+"', page) == []  # nobody else draws it
    assert not device.confirmed
    assert is_in(with_password())  # until the first code has been given nothing has changed
    page = desk.post(OWN, {"code": code()}, follow=True).text
    assert "From now on" in page
    assert "data:image" not in page  # the key is shown to nobody any more
    assert is_in(desk)


def test_then_the_password_alone_opens_nothing(careful, code, post):
    comment = post("words")
    browser = with_password()
    for address in ("/admin/", "/admin/bans/", f"/admin/comment/{comment.pk}/", "/admin/news/?after=1", OWN):
        answer = browser.get(address)
        assert (answer.status_code, answer.headers.get("Location", "")[:13]) == (302, "/admin/login/"), address
    answer = browser.post("/admin/act/", {"do": f"hide:one:{comment.pk}"})
    assert answer["Location"].startswith("/admin/login/?next=%2Fadmin%2Fagain")  # it waits, as without a sign-in
    assert Comment.objects.get().state == State.VISIBLE
    page = browser.get(LOGIN).text
    assert "words" not in page
    assert "data:image" not in page


def test_the_code_leads_to_where_one_wanted_to_go(careful, code):
    browser = with_password()
    page = browser.get(LOGIN).text
    assert 'name="next" value="/admin/bans/"' in page
    answer = browser.post(LOGIN, {"code": code(), "next": "/admin/bans/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/bans/")
    assert is_in(browser)


@pytest.mark.parametrize("way", ["https://evil.example/admin/", "//evil.example", "/", "javascript:alert(1)"])
def test_and_nowhere_else(way, careful, code):
    assert with_password().post(LOGIN, {"code": code(), "next": way})["Location"] == DESK


@pytest.mark.parametrize("wrong", ["", "000000", "abcdef", "1", "１２３４５６", "12345678901234567890", "0x1F"])
def test_a_wrong_code_is_refused(wrong, careful):
    browser = with_password()
    answer = browser.post(LOGIN, {"code": wrong})
    assert answer.status_code == 422
    assert "not the code" in answer.text
    assert not is_in(browser)


def test_a_code_is_good_once(careful, code):
    used = code()
    assert with_password().post(LOGIN, {"code": used}).status_code == 302
    assert with_password().post(LOGIN, {"code": used}).status_code == 422


def last_guessed(ago: timedelta) -> None:
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - ago)


def test_who_guesses_codes_has_to_wait_longer_each_time(careful, code):
    browser = with_password()
    for number in range(4):
        last_guessed(timedelta(minutes=1))
        assert "not the code" in browser.post(LOGIN, {"code": f"{number:06}"}).text
    last_guessed(timedelta(seconds=-60))  # just now, however slow this machine is
    assert "Too many" in browser.post(LOGIN, {"code": code()}).text  # the right one, too
    assert TOTPDevice.objects.get().throttling_failure_count == 4  # for 8 seconds after the fourth
    last_guessed(timedelta(minutes=1))
    assert browser.post(LOGIN, {"code": code()}).status_code == 302


def test_the_session_is_another_one_after_the_code(careful, code):
    browser = with_password()
    before = browser.cookies["sessionid"].value
    browser.post(LOGIN, {"code": code()})
    assert browser.cookies["sessionid"].value != before


def test_who_has_given_no_code_can_sign_out(careful):
    browser = with_password()
    assert browser.post("/admin/logout/").status_code in (200, 302)
    assert "password" in browser.get(LOGIN).text


def test_it_is_given_up_with_a_code_and_not_without(careful, code):
    assert careful.post(OWN, {"give_up": "yes", "code": "000000"}).status_code == 422
    assert not is_in(with_password())
    TOTPDevice.objects.update(throttling_failure_count=0)
    assert "password alone" in careful.post(OWN, {"give_up": "yes", "code": code()}, follow=True).text
    assert is_in(with_password())


# By a setting for all


def test_by_a_setting_nobody_is_in_without_and_sets_it_up_at_the_sign_in(moderator, code, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    browser = with_password()
    assert not is_in(browser)
    assert 'src="data:image/svg+xml' in browser.get(LOGIN).text
    assert browser.post(LOGIN, {"code": code()}).status_code == 302
    assert is_in(browser)
    assert "Give it up" not in browser.get(OWN).text


def test_whoever_was_in_already_is_asked_too(desk, settings):
    assert is_in(desk)
    settings.REQUIRE_SECOND_FACTOR = True
    assert not is_in(desk)


# Who has lost it


def test_an_administrator_takes_it_away_from_a_moderator_and_from_nobody_else(careful, administrator, operator):
    TOTPDevice.objects.create(user=operator)
    chosen = [user.pk for user in (TOTPDevice.objects.get(user__username="mo").user, operator)]
    fields = {"action": "take_second_factor", "_selected_action": chosen}
    assert "taken away: 1" in logged_in(administrator).post("/admin/auth/user/", fields, follow=True).text
    assert list(TOTPDevice.objects.values_list("user__username", flat=True)) == ["op"]
    assert is_in(with_password())


def test_so_does_who_runs_the_machine(careful):
    out = StringIO()
    call_command("reset_second_factor", "mo", stdout=out)
    assert out.getvalue() == "mo signs in by password alone now.\n"
    assert is_in(with_password())
    for name, reason in (("mo", "no second factor"), ("nobody", "no account")):
        with pytest.raises(CommandError, match=reason):
            call_command("reset_second_factor", name)


# For how long


def hours_left() -> float:
    return (Session.objects.get().expire_date - timezone.now()) / timedelta(hours=1)


def idle(hours: float) -> None:
    """As if nobody had been there for so long."""
    session = Session.objects.get()
    store = session.get_session_store_class()(session.session_key)
    store["seen"] = store.get("seen", int(time.time())) - int(hours * 3600)
    store.save()
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=12 - hours))


def test_a_session_ends_after_twelve_hours_without_anybody(desk):
    desk.get(DESK)
    assert 11.9 < hours_left() <= 12
    idle(12.01)
    assert desk.get(DESK).status_code == 302


@pytest.mark.parametrize("page", [DESK, "/admin/bans/", "/admin/record/", OWN, "/admin/all/"])
def test_whoever_opens_a_page_has_all_the_time_again(page, desk):
    desk.get(DESK)
    idle(11)
    assert desk.get(page).status_code == 200
    assert hours_left() > 11.9
    assert desk.cookies["sessionid"]["max-age"] == 12 * 3600


def test_a_page_that_is_only_left_open_does_not_count(desk, post):
    version = post().version
    desk.get(DESK)
    idle(11)
    assert desk.get(f"/admin/news/?after={version - 1}").status_code == 200
    assert hours_left() < 1.1


def test_no_page_is_worth_a_write_each_time(desk):
    desk.get(DESK)
    before = Session.objects.get().expire_date
    desk.get(DESK)
    assert Session.objects.get().expire_date == before
