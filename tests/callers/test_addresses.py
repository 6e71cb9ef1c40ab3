"""Where a visitor comes from: what nobody can make up, and what nobody can read out of the database."""

from ipaddress import ip_address, ip_network

import pytest
from django.test import RequestFactory

from comments.api.caller import address_of
from comments.callers.addresses import UNKNOWN, author_key
from comments.models import Bot, Comment
from tests.support.cast import author_key as key_today
from tests.support.cast import everything_stored

PEER = "198.51.100.7"
PROXY = "10.0.0.1"
INNER_PROXY = "10.0.0.2"
CDN = "2001:db8:ffff::1"
VISITOR = "203.0.113.77"
MADE_UP = "6.6.6.6"


@pytest.fixture
def trust(settings):
    """Sets TRUSTED_PROXIES."""

    def trust(*networks: str) -> None:
        settings.TRUSTED_PROXIES = [ip_network(network) for network in networks]

    return trust


def seen_from(peer: str, *forwarded: str, **headers: str) -> str:
    """The address that counts for a request by `peer`, with the X-Forwarded-For headers that it brings."""
    if forwarded:
        headers["X-Forwarded-For"] = ",".join(forwarded)
    return str(address_of(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)))


# Nobody is trusted: what a self-hoster has who sets nothing

SPOOFS = {
    "X-Forwarded-For": MADE_UP,
    "X-Real-IP": MADE_UP,
    "Forwarded": f"for={MADE_UP}",
    "CF-Connecting-IP": MADE_UP,
    "True-Client-IP": MADE_UP,
    "X-Client-IP": MADE_UP,
    "X-Cluster-Client-IP": MADE_UP,
    "X-Originating-IP": MADE_UP,
    "X-Forwarded-Host": MADE_UP,
    "Remote-Addr": MADE_UP,
    "Client-IP": MADE_UP,
    "Via": MADE_UP,
    "Origin": f"http://{MADE_UP}",
    "User-Agent": MADE_UP,
}


@pytest.mark.parametrize("header", SPOOFS)
@pytest.mark.parametrize("networks", [(), ("10.0.0.0/8",)], ids=["no proxy", "another is the proxy"])
def test_R53_no_header_changes_the_address_of_who_is_no_proxy(header, networks, trust):
    trust(*networks)
    assert seen_from(PEER, **{header: SPOOFS[header]}) == PEER


@pytest.mark.parametrize("header", [header for header in SPOOFS if header != "X-Forwarded-For"])
def test_R53_behind_a_proxy_only_x_forwarded_for_counts(header, trust):
    trust("10.0.0.0/8")
    assert seen_from(PROXY, VISITOR, **{header: SPOOFS[header]}) == VISITOR
    assert seen_from(PROXY, **{header: SPOOFS[header]}) == PROXY


def test_R53_all_headers_at_once_change_nothing():
    assert seen_from(PEER, **SPOOFS) == PEER


def test_the_peer_may_be_a_loopback_address():
    assert seen_from("127.0.0.1", MADE_UP) == "127.0.0.1"
    assert seen_from("::1", MADE_UP) == "::1"


# Behind proxies

BEHIND_PROXIES = {
    "one proxy": ([PROXY], [VISITOR], VISITOR),
    "a proxy that adds to what it got": ([PROXY], [MADE_UP, VISITOR], VISITOR),
    "a long list that was made up": ([PROXY], [*["1.2.3.4"] * 50, VISITOR], VISITOR),
    "a made-up list that names the proxy": ([PROXY], [MADE_UP, PROXY, VISITOR], VISITOR),
    "a chain of two": ([PROXY, INNER_PROXY], [MADE_UP, VISITOR, INNER_PROXY], VISITOR),
    "a chain of which one is trusted": ([PROXY], [MADE_UP, VISITOR, INNER_PROXY], INNER_PROXY),
    "a chain with an IPv6 hop": ([PROXY, "2001:db8:ffff::/48"], [MADE_UP, "2001:db8::77", CDN], "2001:db8::77"),
    "a visitor with IPv6": ([PROXY], ["2001:db8::77"], "2001:db8::77"),
    "a visitor inside the trusted network": ([PROXY, INNER_PROXY], [INNER_PROXY], INNER_PROXY),
    "only proxies": ([PROXY, INNER_PROXY], [INNER_PROXY, PROXY], INNER_PROXY),
    "no header": ([PROXY], [], PROXY),
    "spaces": ([PROXY], [f" {MADE_UP} ", f"\t{VISITOR} "], VISITOR),
    "an empty header": ([PROXY], [""], PROXY),
    "an empty last hop": ([PROXY], [MADE_UP, ""], PROXY),
    "no address": ([PROXY], ["unknown"], PROXY),
    "a script for an address": ([PROXY], ["<script>alert(1)</script>"], PROXY),
    "a port": ([PROXY], [f"{VISITOR}:1234"], VISITOR),
    "a port, and brackets": ([PROXY], ["[2001:db8::7]:1234"], "2001:db8::7"),
    "brackets": ([PROXY], ["[2001:db8::7]"], "2001:db8::7"),
    "an address that ends like a port": ([PROXY], ["2001:db8::1234"], "2001:db8::1234"),
    "a port that is none": ([PROXY], [f"{VISITOR}:http"], PROXY),
    "NAT64": ([PROXY], ["64:ff9b::203.0.113.77"], VISITOR),
    "a malformed hop to the left of the visitor": ([PROXY], ["unknown", VISITOR], VISITOR),
    "a malformed hop that hides the visitor": ([PROXY, INNER_PROXY], [MADE_UP, "_hidden", INNER_PROXY], INNER_PROXY),
    "digits that are not ASCII": ([PROXY], ["٢٠٣.٠.١١٣.٧٧"], PROXY),
    "leading zeros": ([PROXY], ["203.0.113.077"], PROXY),
    "an address as a number": ([PROXY], ["3405803853"], PROXY),
    "a mapped visitor": ([PROXY], [f"::ffff:{VISITOR}"], VISITOR),
    "a mapped hop": ([PROXY, INNER_PROXY], [VISITOR, f"::ffff:{INNER_PROXY}"], VISITOR),
    "a zone": ([PROXY], ["fe80::1%eth0"], "fe80::1"),
}


@pytest.mark.parametrize(("trusted", "forwarded", "expected"), BEHIND_PROXIES.values(), ids=BEHIND_PROXIES.keys())
def test_R53_behind_proxies_it_is_the_last_hop_that_none_of_them_made_up(trusted, forwarded, expected, trust):
    trust(*trusted)
    assert seen_from(PROXY, *forwarded) == expected


def test_a_proxy_is_recognised_by_its_mapped_address_too(trust):
    trust("10.0.0.0/8")
    assert seen_from(f"::ffff:{PROXY}", VISITOR) == VISITOR


def test_a_trusted_ipv4_network_is_no_ipv6_network(trust):
    trust("0.0.0.0/0")
    assert seen_from("2001:db8::77", MADE_UP) == "2001:db8::77"


@pytest.mark.parametrize("peer", ["", "unix:", "not an address"])
def test_a_peer_without_an_address_has_the_one_that_all_such_share(peer, trust):
    assert seen_from(peer, MADE_UP) == str(UNKNOWN)


def test_behind_a_unix_socket_the_proxy_is_trusted_under_the_address_that_all_such_share(trust):
    trust("::/128")
    assert seen_from("", VISITOR) == VISITOR


# The key that stands for an address


def key_of(address: str) -> str:
    return author_key(ip_address(address))


def test_each_ipv4_address_has_a_key_of_its_own():
    assert len({key_of(f"203.0.113.{last}") for last in range(256)}) == 256


def test_an_ipv6_subscriber_has_one_key_however_many_addresses_they_use():
    assert key_of("2001:db8:0:1::1") == key_of("2001:db8:0:1:ffff:ffff:ffff:ffff")
    assert key_of("2001:db8:0:1::1") != key_of("2001:db8:0:2::1")


def test_a_mapped_address_has_the_key_of_the_ipv4_address():
    mapped = address_of(RequestFactory().get("/", REMOTE_ADDR=f"::ffff:{VISITOR}"))
    assert author_key(mapped) == key_of(VISITOR)
    other = address_of(RequestFactory().get("/", REMOTE_ADDR="::ffff:203.0.113.78"))
    assert author_key(other) != key_of(VISITOR)


def test_visitors_behind_nat64_are_told_apart_as_the_ipv4_addresses_that_they_are():
    """Else a whole country's telephones would be one author, with one limit and one ban."""
    keys = {
        author_key(address_of(RequestFactory().get("/", REMOTE_ADDR=f"64:ff9b::cb00:71{n:02x}"))) for n in range(9)
    }
    assert keys == {key_of(f"203.0.113.{n}") for n in range(9)}


def test_a_key_can_only_be_computed_by_who_has_the_secret(settings):
    settings.AUTHOR_KEY_SECRET = "one"
    one = key_of(VISITOR)
    settings.AUTHOR_KEY_SECRET = "another"
    assert key_of(VISITOR) != one


def test_a_key_is_the_same_in_every_release_so_that_bans_hold(settings):
    settings.AUTHOR_KEY_SECRET = "one"
    assert key_of(VISITOR) == "0b81e63142bfd23d626796bc0686f005"


# What is kept


@pytest.mark.django_db
@pytest.mark.parametrize("address", [VISITOR, "2001:db8:77:77::77"])
def test_R62_an_address_is_nowhere_in_the_database(address, api, bot, post, trust):
    trust("10.0.0.0/8")
    assert api.post({"text": "direct", "username": "Ada"}, address=address).status_code == 201
    forwarded = api.post(
        {"text": "forwarded", "username": "Ada"}, address=PROXY, x_forwarded_for=f"{MADE_UP}, {address}"
    )
    assert forwarded.status_code == 201
    post(address=address, bot=bot)
    assert {comment.author_key for comment in Comment.objects.all()} == {key_today(address), bot.key}
    dump = everything_stored()
    assert "forwarded" in dump
    for trace in (address, MADE_UP, ip_address(address).exploded, str(int(ip_address(address)))):
        assert trace not in dump
    assert Bot.objects.count() == 1
