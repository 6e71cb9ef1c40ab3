"""What the logs say, and what they keep to themselves."""

import pytest

WORDS = "words-that-nobody-logs"
ADDRESS = "127.0.7.77"
HELLO = {"text": WORDS, "username": "Ada"}


@pytest.mark.slow
def test_R62_neither_addresses_nor_words_are_in_the_logs(server):
    server.post(HELLO, address=ADDRESS)
    server.post({**HELLO, "id": "taken-id"}, address=ADDRESS)
    server.post({**HELLO, "id": "taken-id", "text": f"other {WORDS}"}, address=ADDRESS)
    server.post({**HELLO, "color": WORDS}, address=ADDRESS)
    server.post(f'{{"text": "{WORDS}"'.encode(), address=ADDRESS)
    for _ in range(10):
        server.post(HELLO, address=ADDRESS)
    for path in (f"/api/comments?search={WORDS}", f"/{WORDS}", f"/api/{WORDS}", f"/api/comments?limit={WORDS}"):
        server.get(path, address=ADDRESS)
    server.stop()
    assert WORDS not in server.log()
    assert ADDRESS not in server.log()


@pytest.mark.slow
def test_a_forged_line_in_a_request_does_not_become_a_line_of_the_log(server):
    server.get("/api/%0A2026-11-22%20ERROR%20forged%1B%5B31m")
    server.post({"text": "\n2026-11-22 ERROR forged\x1b[31m", "username": "Ada"})
    server.stop()
    assert "forged" not in server.log()


@pytest.mark.slow
def test_a_database_that_is_gone_is_logged_without_its_address_and_answered_503(start_server, postgres):
    server = start_server("postgresql")
    server.stop()
    server.env["DATABASE_URL"] = server.env["DATABASE_URL"].rsplit("/", 1)[0] + "/no_such_database"
    server.start()
    health = server.get("/api/comments/health")
    changes = server.get("/api/changes?after=0")
    assert (health.status, health.json()["code"]) == (changes.status, changes.json()["code"]) == (503, "unavailable")
    assert int(changes.headers["Retry-After"]) > 0
    assert "The database does not answer" in server.log()
