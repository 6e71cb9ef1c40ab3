"""Who guesses passwords is slowed down, and leaves no address behind."""

import re

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.test import Client

from tests.support.cast import PASSWORD, VISITOR

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
ELSEWHERE = "198.51.100.7"


def tries(password: str, name: str = "mo", address: str = VISITOR, **headers: str):
    form = {"username": name, "password": password, "next": "/admin/"}
    return Client().post(LOGIN, form, REMOTE_ADDR=address, headers=headers)


@pytest.fixture
def locked_out(moderator) -> None:
    statuses = [tries("wrong", f"name {number}").status_code for number in range(5)]
    assert statuses == [200] * 4 + [429]


def test_after_five_wrong_passwords_a_network_is_locked_out_whatever_names_it_tries(locked_out):
    refused = tries(PASSWORD)
    assert refused.status_code == 429
    assert "Too many wrong passwords" in refused.text


def test_nobody_locks_out_a_moderator_elsewhere(locked_out):
    assert tries(PASSWORD, address=ELSEWHERE).status_code == 302


@pytest.mark.parametrize("header", ["x_forwarded_for", "x_real_ip", "forwarded", "cf_connecting_ip"])
def test_R53_no_header_gets_past_the_lock(header, locked_out):
    assert tries(PASSWORD, **{header: ELSEWHERE}).status_code == 429


def test_behind_a_proxy_the_visitor_is_meant_and_not_the_proxy(moderator, settings):
    from ipaddress import ip_network

    settings.TRUSTED_PROXIES = [ip_network("192.0.2.1/32")]
    for _ in range(6):
        locked = tries("wrong", address="192.0.2.1", x_forwarded_for=VISITOR)
    assert locked.status_code == 429
    assert tries(PASSWORD, address="192.0.2.1", x_forwarded_for=ELSEWHERE).status_code == 302


def test_a_right_password_forgets_the_wrong_ones(moderator):
    for _ in range(3):
        assert [tries("wrong").status_code for _ in range(4)] == [200] * 4
        assert tries(PASSWORD).status_code == 302


def test_the_lock_ends_after_its_time(locked_out, settings):
    from datetime import timedelta

    settings.AXES_COOLOFF_TIME = timedelta(0)
    assert tries(PASSWORD).status_code == 302


def test_R62_neither_address_nor_password_is_stored_or_logged(locked_out, caplog):
    tries("the wrong secret")
    stored = repr(list(AccessAttempt.objects.values()))
    assert VISITOR not in stored + caplog.text
    assert not re.search("wrong|secret", stored + caplog.text)


def test_the_checks_of_the_library_find_nothing_wrong():
    call_command("check", "--fail-level", "WARNING")
