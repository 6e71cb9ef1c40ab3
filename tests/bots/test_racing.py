"""Bots at the same moment, at real servers."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.servers import UNLIMITED

TO_DO = {"text": "How are you?", "username": "Ada", "botParams": {"processed": False}}
RACERS, QUESTIONS = 8, 12


@pytest.mark.slow
def test_R63_of_many_that_claim_and_answer_at_once_one_does(on_any_database):
    server = on_any_database(**UNLIMITED)
    token = server.manage("create_bot", "racer", "--posts-per-minute", "1000000").stdout.strip()
    as_bot = {"authorization": f"Bearer {token}"}
    with ThreadPoolExecutor(RACERS) as racers:
        for _ in range(QUESTIONS):
            path = f"/api/comments/{server.post(TO_DO).json()['id']}"
            claims = list(racers.map(lambda _, path=path: server.post({}, f"{path}/claim", **as_bot), range(RACERS)))
            assert sorted(claim.status for claim in claims) == [200] + [409] * (RACERS - 1)
            (lease,) = [claim.json()["lease"] for claim in claims if claim.status == 200]
            body = {"lease": lease, "text": "Fine"}
            answers = list(racers.map(lambda _, p=path, b=body: server.post(b, f"{p}/reply", **as_bot), range(RACERS)))
            assert sorted(answer.status for answer in answers) == [200] * (RACERS - 1) + [201]
            assert len({answer.json()["id"] for answer in answers}) == 1
    assert server.get("/api/stats").json()["totalMessages"] == 2 * QUESTIONS
