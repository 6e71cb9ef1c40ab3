"""Where a message may go: to the internet, and nowhere else, whatever names and redirects say."""

import asyncio
import ipaddress
import socket
from contextlib import asynccontextmanager

import pytest

from comments.hooks import target
from tests.hooks.receiver import receiving

pytestmark = pytest.mark.once

HEADERS = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
INTERNAL = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b::7f00:1"),
    *("64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1"),
]
PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::101:101"]


def networks(*cidrs: str) -> list:
    return [ipaddress.ip_network(cidr) for cidr in cidrs]


@pytest.fixture(autouse=True)
def no_network(settings):
    settings.WEBHOOK_NETWORKS = []


def send(url: str, body: bytes = b"{}") -> int:
    return asyncio.run(target.send(url, HEADERS, body))


def failure(url: str) -> str:
    with pytest.raises(target.Failed) as failed:
        send(url)
    return failed.value.what


@pytest.mark.parametrize("address", INTERNAL)
def test_what_is_internal_is_refused_however_it_is_written(address):
    with pytest.raises(target.Failed, match="internal_address"):
        target.judged([address], is_encrypted=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_called_if_it_is_encrypted(address):
    assert target.judged([address], is_encrypted=True) == address
    with pytest.raises(target.Failed, match="not_encrypted"):
        target.judged([address], is_encrypted=False)


@pytest.mark.parametrize("mixed", [["1.1.1.1", "127.0.0.1"], ["10.0.0.1", "1.1.1.1"], ["1.1.1.1", "::1"]])
def test_a_name_that_stands_for_something_internal_too_is_refused(mixed):
    with pytest.raises(target.Failed, match="internal_address"):
        target.judged(mixed, is_encrypted=True)


def test_a_network_that_is_named_for_development_is_called_and_no_other(settings):
    with receiving() as receiver:
        assert failure(receiver.url) == "internal_address"
        settings.WEBHOOK_NETWORKS = networks("127.0.0.2/32", "10.0.0.0/8")
        assert failure(receiver.url) == "internal_address"
        settings.WEBHOOK_NETWORKS = networks("127.0.0.1/32")
        assert send(receiver.url + "/ü?a=b c") == 200
    assert receiver.paths == ["/hook/%C3%BC?a=b%20c"]


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:7f00:1]"])
def test_other_names_of_this_machine_lead_nowhere(host):
    with receiving() as receiver:
        assert failure(f"http://{host}:{receiver.port}/") in ("internal_address", "no_such_name")
    assert receiver.came == []


def test_a_name_that_changes_its_meaning_reaches_only_what_was_judged(settings, monkeypatch):
    """DNS rebinding: what is looked up first is allowed, what is looked up next is not."""
    settings.WEBHOOK_NETWORKS = networks("127.0.0.2/32")
    answers = iter(["127.0.0.2", "127.0.0.1", "127.0.0.1"])
    looked_up = []

    def getaddrinfo(host, port, *args, **kwargs):
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    with receiving("127.0.0.2") as allowed, receiving("127.0.0.1", allowed.port) as internal:
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        assert send(f"http://rebinding.example:{allowed.port}/") == 200
        assert looked_up == ["rebinding.example"], "once for a connection"
        assert failure(f"http://rebinding.example:{allowed.port}/") == "internal_address"
    assert (len(allowed.came), internal.came) == (1, [])


def test_a_redirect_is_an_answer_and_not_followed(settings):
    settings.WEBHOOK_NETWORKS = networks("127.0.0.0/8")
    with receiving() as receiver:
        receiver.status = 307
        assert send(receiver.url) == 307
    assert receiver.paths == ["/hook"]


@asynccontextmanager
async def answering(*said: bytes, pause: float = 0):
    """A server that says these, one after the other, whatever it is asked; and then nothing more."""

    async def answer(reader, writer) -> None:
        try:
            for part in said:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            await reader.read()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


def told_by(*said: bytes, pause: float = 0) -> int:
    async def ask() -> int:
        async with answering(*said, pause=pause) as url:
            return await target.send(url, HEADERS, b"{}")

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ([], "timeout"),
        ([b"H"] * 1000, "timeout"),
        ([b"X" * 5000] * 10, "no_http"),
        ([b"SSH-2.0-OpenSSH\r\n\r\n"], "no_http"),
        ([b"HTTP/1.1 abc\r\n\r\n"], "no_http"),
        ([b"\r\n\r\n"], "no_http"),
    ],
    ids=["silent", "drop by drop", "endless", "other protocol", "no status", "empty"],
)
def test_a_target_that_says_nothing_or_too_much_ends_in_time_and_size(said, what, settings, monkeypatch):
    settings.WEBHOOK_NETWORKS = networks("127.0.0.0/8")
    monkeypatch.setattr(target, "TOTAL_SECONDS", 0.3)
    with pytest.raises(target.Failed) as failed:
        told_by(*said, pause=0.01 if len(said) == 1000 else 0)
    assert failed.value.what == what


def test_what_follows_the_head_of_an_answer_is_not_waited_for(settings):
    settings.WEBHOOK_NETWORKS = networks("127.0.0.0/8")
    assert told_by(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n", b"Content-Length: 9\r\n\r\n") == 204


def test_nobody_there_and_a_certificate_that_is_not_are_failures(settings):
    settings.WEBHOOK_NETWORKS = networks("127.0.0.0/8")
    with receiving() as receiver:
        assert failure(receiver.url.replace("http:", "https:")) == "certificate"
    assert failure(receiver.url) == "connection"
    assert failure("https://nobody.invalid/") == "no_such_name"
