"""Kill -9 in its short form; the long one is `python -m tests.audit.kill --times 50`."""

import pytest

from tests.audit.kill import kill_under_load
from tests.support.servers import UNLIMITED


@pytest.mark.slow
def test_R74_R24_kill_9_under_load_loses_nothing_acknowledged_and_readers_go_on(on_any_database):
    server = on_any_database(**UNLIMITED)
    said = []
    assert kill_under_load(server, times=3, seed=3, say=said.append) == []
    assert "websocket" in said[0] and "connection lost" in said[0]
