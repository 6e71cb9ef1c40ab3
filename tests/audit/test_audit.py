"""`audit_delivery`, in its short form: it finds nothing wrong with the product, and what is wrong with broken ones."""

import re

import pytest

from comments.audit.site import address_for, is_loopback
from tests.audit.slow import APPLICATION, READERS, audit_slow_reads
from tests.support.needs import EACH
from tests.support.servers import UNLIMITED

SHORT = ["--posters", "3", "--posts", "12", "--readers", "1", "--pause", "0.3", "--late-seconds", "120", "--seed", "7"]
# A poll that leaves out the older of two comments shows only to whom two came at once.
BUSY = [*SHORT, "--posters", "8"]
SHORT_OF_SLOW = {"posts": 160, "seed": 5, "readers": READERS // EACH}


@pytest.mark.slow
def test_R06_R07_R09_R13_every_reader_of_the_product_sees_each_comment_once_in_order(on_any_database, tmp_path):
    first = on_any_database(**UNLIMITED)
    history = tmp_path / "history.ndjson"
    with first.twin() as second:
        token = first.manage("create_bot", "audit").stdout.strip()
        urls = ["--url", first.url, "--url", second.url, "--notes-token", token]
        done = first.manage("audit_delivery", *urls, "--moderate", *SHORT, "--history", history)
    assert "Nothing lost, doubled, out of order, late or made up." in done.stdout
    assert re.search(r"note, 37 post.* list, .* long poll, .* poll, .* websocket answers", done.stdout), done.stdout
    assert len(history.read_text().splitlines()) > 37
    assert first.manage("export_comments", "--visible-only").stdout == ""  # it has erased what it posted


@pytest.mark.slow
def test_R06_R09_a_site_whose_reads_are_slow_loses_nothing_that_is_noted_and_hidden_meanwhile(on_any_database):
    server = on_any_database(application=APPLICATION, **UNLIMITED)
    assert audit_slow_reads(server, **SHORT_OF_SLOW) == []


@pytest.mark.slow
@pytest.mark.once
def test_the_same_site_with_reads_in_two_halves_is_caught(make_server):
    server = make_server(application="tests.audit.broken_asgi:reads_in_two_halves", **UNLIMITED)
    with server:
        assert audit_slow_reads(server, **SHORT_OF_SLOW)


@pytest.mark.slow
@pytest.mark.once
def test_without_a_url_it_starts_a_server_of_its_own(server):
    done = server.manage("audit_delivery", *SHORT, "--servers", "2")
    assert "Nothing lost" in done.stdout
    assert server.manage("export_comments").stdout == ""


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize(
    ("broken", "verdict"),
    [("forgets_removals", "hide that did not arrive"), ("answers_with_the_newest", "lost")],
)
def test_it_finds_what_is_wrong_with_a_broken_product(make_server, broken, verdict):
    server = make_server(**UNLIMITED)
    server.application = f"tests.audit.broken_asgi:{broken}"
    with server:
        done = server.manage(
            "audit_delivery", "--url", server.url, "--moderate", *BUSY, "--patience", "30", check=False
        )
    assert done.returncode == 1
    assert f"× {verdict}, as:" in done.stdout
    assert "The promise was broken." in done.stderr


@pytest.mark.slow
@pytest.mark.once
def test_the_limits_of_a_site_do_not_stop_it_on_the_own_machine(server):
    done = server.manage("audit_delivery", "--url", server.url, *SHORT)
    assert "Nothing lost" in done.stdout
    assert "rate_limited" not in done.stdout


@pytest.mark.once
def test_a_site_that_does_not_answer_is_not_audited(make_server):
    server = make_server()
    done = server.manage("audit_delivery", "--url", server.url, check=False)
    assert (done.returncode, done.stdout.count("Nothing lost")) == (1, 0)
    assert "could not be carried out" in done.stderr


@pytest.mark.once
def test_a_few_posts_at_a_time_come_from_the_same_address_of_this_machine():
    addresses = [address_for("audit-1", "Poster 1", number) for number in range(8)]
    assert addresses[0] == addresses[3] != addresses[4] == addresses[7]
    assert all(is_loopback(f"http://{address}:8000") for address in addresses)
    assert not is_loopback("https://chat.example")
