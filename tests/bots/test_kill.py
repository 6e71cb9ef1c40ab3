"""Workers that are killed, in the short form; the long one is `python -m tests.bots.kill --workers 3 --tasks 1000`."""

import pytest

from tests.bots.kill import ATTEMPTS, kill_workers
from tests.support.servers import UNLIMITED


@pytest.mark.slow
def test_R63_R65_workers_and_server_killed_anywhere_leave_exactly_one_answer_to_each_question(on_any_database):
    server = on_any_database(**UNLIMITED, BOT_ATTEMPTS=ATTEMPTS)
    wrong, kills = kill_workers(server, workers=3, tasks=16, seed=3, most_steps=20)
    assert wrong == []
    assert kills > 3
