"""The contract of the wire, which is stated in tests/conformance, asked at Django's own door and in this process.

Over HTTP, and at the fast lane, tests/conformance/test_conformance.py asks the same, and what takes a server.
"""

import pytest
from django.test import Client

from tests.conformance import notes
from tests.conformance.__main__ import CHECKS
from tests.conformance.answers import Answer
from tests.conformance.site import Site
from tests.support.cast import VISITOR

pytestmark = pytest.mark.django_db


class SiteInside(Site):
    def __init__(self, token: str) -> None:
        super().__init__("http://testserver", token)
        self.client = Client()

    def _asked(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        said = self.client.generic(method, path, body or b"", headers=headers, REMOTE_ADDR=VISITOR)
        named = {name.lower(): value for name, value in said.items()}
        return Answer(said.status_code, named, said.content)

    def raw_head(self, path: str) -> bytes:
        return b"\r\n\r\n" + self.client.head(path).content


@pytest.fixture
def site(db, no_limits, settings, bot_token) -> Site:
    settings.BOT_POSTS_PER_MINUTE = 1_000_000
    return SiteInside(bot_token)


INSIDE = [check for check in CHECKS if not check.is_live]
OF_NOTES = [check for check in INSIDE if check.run.__module__ == notes.__name__]


@pytest.mark.parametrize("check", INSIDE, ids=lambda check: check.name)
def test_it_keeps(check, site):
    check.run(site)


@pytest.mark.parametrize("check", OF_NOTES, ids=lambda check: check.name)
def test_also_from_the_table_it_keeps(check, site, from_the_table):
    check.run(site)
