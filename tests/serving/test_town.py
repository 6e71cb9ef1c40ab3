"""A whole town in the short form: nginx, two servers, PostgreSQL and Redis. Parts of it die under an audit, and all of
it is restarted under load. The long forms are `python -m tests.audit.town` and `python -m tests.serving.rolling`."""

from collections.abc import Iterator

import pytest

from tests.audit.town import FAULTS, audit_under_faults
from tests.serving.rolling import Load, roll_under_load
from tests.support import needs
from tests.support.town import Town, town

SECONDS_ON_A_BUSY_MACHINE = 30.0

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture(scope="module")
def running() -> Iterator[Town]:
    for program, found in {
        "PostgreSQL": needs.postgres_programs(),
        "Redis": needs.redis_server(),
        "nginx": needs.nginx(),
    }.items():
        if found is None:
            needs.without(program)
    with town() as running:
        yield running


def test_R74_whatever_dies_behind_nginx_nothing_is_lost_and_readers_are_back(running):
    said = []
    assert audit_under_faults(running, 1, 7, SECONDS_ON_A_BUSY_MACHINE, said.append) == []
    assert len(said) == 2 * len(FAULTS) + 1 and "websocket" in said[-1]


def test_a_restart_of_everything_fails_no_request_and_loses_and_doubles_nothing(running):
    assert roll_under_load(running, 1, Load(posts=10, polls=50, sockets=30), lambda said: None) == []
