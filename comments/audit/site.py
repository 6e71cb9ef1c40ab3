"""The site as a worker of the audit reaches it: one connection at a time, that may break."""

import hashlib
import http.client
import ipaddress
import json
import random
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

REQUEST_SECONDS = 60
POSTS_OF_ONE_ADDRESS = 4  # fewer than a visitor may post in a burst
LOST = (OSError, http.client.HTTPException, json.JSONDecodeError)  # what a broken connection looks like


@dataclass(frozen=True)
class Answer:
    status: int
    value: object  # of the JSON
    retry_after: float

    @property
    def code(self) -> str:
        return self.value.get("code", "") if isinstance(self.value, dict) else ""


class Site:
    """Several URLs are several processes over one database: each connection is to any of them."""

    def __init__(self, urls: list[str], dice: random.Random, token: str = "") -> None:
        self.urls = urls
        self.dice = dice
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.address = ""  # of ours, from which to call
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str, **params: object) -> Answer:
        return self.ask("GET", with_query(path, params))

    def ask(self, method: str, target: str, data: dict | None = None) -> Answer:
        """Raises one of LOST; then the next question opens a new connection."""
        try:
            self._send(method, target, data)
            response = self._connection.getresponse()
            value = json.loads(response.read())
        except LOST:
            self.hang_up()
            raise
        return Answer(response.status, value, float(response.headers.get("Retry-After", 0)))

    def ask_and_hang_up(self, method: str, target: str, data: dict | None = None) -> None:
        """Break the connection at some point before the answer has been read."""
        try:
            self._send(method, target, data)
            if self.dice.random() < 0.5:
                self._connection.getresponse().read(self.dice.randrange(1, 200))
        except LOST:
            pass
        self.hang_up()

    def call_from(self, address: str) -> None:
        if address != self.address:
            self.hang_up()
            self.address = address

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, method: str, target: str, data: dict | None) -> None:
        if self._connection is None:
            self._connection = connection_to(self.dice.choice(self.urls), self.address)
        headers = self.headers | ({"Content-Type": "application/json"} if data is not None else {})
        self._connection.request(method, target, None if data is None else json.dumps(data), headers)


def connection_to(url: str, address: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.netloc, timeout=REQUEST_SECONDS, source_address=(address, 0) if address else None)


def with_query(path: str, params: dict[str, object]) -> str:
    return f"{path}?{urlencode(params)}"


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host) in ipaddress.ip_network("127.0.0.0/8")
    except ValueError:
        return False


def address_for(domain: str, writer: str, number: int) -> str:
    """One of the addresses of this machine itself, for a few posts: to the site each is another visitor."""
    digest = hashlib.sha256(f"{domain}/{writer}/{number // POSTS_OF_ONE_ADDRESS}".encode()).digest()
    return f"127.{1 + digest[0] % 250}.{digest[1]}.{1 + digest[2] % 250}"
