"""The API's reference, /api/docs: complete, and its commands work."""

import json
import re
import shlex
from html import unescape
from urllib.parse import urlsplit

import pytest

SITE = "http://testserver"


@pytest.fixture
def page(api) -> str:
    response = api.get("/api/docs")
    assert response.status_code == 200
    return response.content.decode()


def commands(page: str) -> list[list[str]]:
    return [shlex.split(unescape(code)) for code in re.findall(r"<code>(curl .*?)</code>", page, re.DOTALL)]


def after(option: str, command: list[str]) -> str | None:
    return command[command.index(option) + 1] if option in command else None


def test_every_operation_and_every_field_stands_there_once(api, page):
    description = api.get("/api/openapi.json").json()
    operations = [found for methods in description["paths"].values() for found in methods.values()]
    for operation in operations:
        assert page.count(f'<h3 id="{operation["operationId"]}">') == 1
        assert page.count(f'href="#{operation["operationId"]}"') == 1
    assert len(commands(page)) == len(operations) >= 20
    for schema in description["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            assert f"<code>{name}</code>" in page
            assert field["description"].split("`")[0] in unescape(page)


def test_every_link_leads_to_something(page):
    links = set(re.findall(r'href="#(.*?)"', page))
    assert {"Error", "CommentOut", "ChangeList", "post_comment"} <= links
    ids = re.findall(r' id="(.*?)"', page)
    assert links <= set(ids)
    assert len(ids) == len(set(ids))


def test_every_command_is_a_request_that_is_understood(api, page, make_bot):
    token = make_bot("all", scopes=["read:context", "post", "claim", "moderate"])[1]
    statuses = {}
    for command in commands(page):
        url = next(word for word in command if word.startswith(SITE))
        body = after("-d", command)
        headers = {"authorization": f"Bearer {token}"} if "Authorization: Bearer $TOKEN" in command else {}
        method = after("-X", command) or "GET"
        path = url.removeprefix(SITE)
        answer = api.client.generic(method, path, body or "", "application/json", headers=headers)
        statuses[f"{method} {urlsplit(path).path}"] = answer.status_code
        assert body is None or json.loads(body) is not None
    assert statuses["POST /api/comments"] == 201
    assert statuses["GET /api/changes"] == 200
    assert set(statuses.values()) <= {200, 201, 202, 404, 409, 410}, statuses


def test_the_page_needs_no_script_of_its_own(page):
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/early.js">']
    assert "style=" not in page
