"""The API's own description: complete, and true under generated requests."""

from contextlib import nullcontext, suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.support import needs

KNOWN_ID = "known"
OF_BOTS = {"400", "401", "403", "404", "409", "413", "415", "422", "503"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def described_server(make_server):
    with make_server(POSTS_PER_MINUTE="1000000", POSTS_PER_BURST="1000000") as server:
        server.token = server.manage("create_bot", "schemathesis").stdout.strip()
        server.post({"id": KNOWN_ID, "text": "Hello", "username": "Ada", "botParams": {"processed": False}})
        yield server


def validate_generated_requests(server, prepare=lambda case: None, **call) -> None:
    """Send valid and invalid requests to every operation, and compare each answer with the description."""
    schema = schemathesis.openapi.from_url(f"{server.url}/api/openapi.json")
    for operation in (found.ok() for found in schema.get_all_operations()):
        for mode in GenerationMode:

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(max_examples=25 // needs.EACH, database=None, suppress_health_check=list(HealthCheck))
            def validate(case):
                shorten_wait(case)
                prepare(case)
                case.call_and_validate(checks=CHECKS, **call)

            # Where there is nothing to get wrong, there are no invalid requests to generate.
            with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
                validate()


def shorten_wait(case) -> None:
    """A long poll for half a minute is a good request, and a bad use of it."""
    query = case.query or {}
    if isinstance(query.get("wait"), int) and query["wait"] > 1:
        query["wait"] = 1


@pytest.mark.slow
@pytest.mark.once  # those of a bot go to the same operations, on each database
def test_generated_requests_of_a_visitor_meet_no_5xx_and_nothing_undocumented(described_server):
    validate_generated_requests(described_server)


@pytest.mark.slow
def test_generated_requests_of_a_bot_meet_no_5xx_and_nothing_undocumented(described_server):
    def prepare(case):
        if "comment_id" in (case.path_parameters or {}):
            case.path_parameters["comment_id"] = KNOWN_ID  # a generated id would hardly ever be there

    validate_generated_requests(
        described_server, prepare, headers={"Authorization": f"Bearer {described_server.token}"}
    )


@pytest.fixture
def description(api) -> dict:
    return api.get("/api/openapi.json").json()


def test_every_field_and_parameter_has_a_type_a_meaning_and_an_example(description):
    fields = [
        (f"{name}.{field_name}", field)
        for name, schema in description["components"]["schemas"].items()
        for field_name, field in schema.get("properties", {}).items()
    ]
    parameters = [
        (f"{path} {parameter['name']}", parameter["schema"] | parameter)
        for path, operations in description["paths"].items()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
    ]
    assert len(fields) > 30
    assert len(parameters) > 10
    for name, field in fields + parameters:
        assert field.get("description"), name
        assert {"type", "anyOf", "const", "enum", "$ref"} & set(field) or "context" in name, name
        assert field.get("examples") or field.get("example") or field.get("items"), name


def test_every_operation_lists_its_answers_and_errors(description):
    statuses = {
        f"{method.upper()} {path}": set(operation["responses"])
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    }
    assert statuses == {
        "GET /api/comments": {"200", "304", "401", "404", "422", "503"},
        "POST /api/comments": {"200", "201", "202", "400", "401", "403", "409", "413", "415", "422", "429", "503"},
        "GET /api/changes": {"200", "304", "401", "410", "422", "503"},
        "GET /api/comments/health": {"200", "503"},
        "GET /api/comments/{comment_id}": {"200", "401", "404", "503"},
        "PATCH /api/comments/{comment_id}": {"200", *OF_BOTS},
        "GET /api/bots/work": {"200", "401", "403", "422", "503"},
        "POST /api/comments/{comment_id}/claim": {"200", *OF_BOTS},
        "POST /api/comments/{comment_id}/renew": {"200", *OF_BOTS},
        "POST /api/comments/{comment_id}/release": {"200", *OF_BOTS},
        "POST /api/comments/{comment_id}/reply": {"200", "201", "429", *OF_BOTS},
        "GET /api/bots/moderation": {"200", "401", "403", "410", "422", "503"},
        "POST /api/comments/{comment_id}/hide": {"200", "429", *OF_BOTS},
        "POST /api/comments/{comment_id}/restore": {"200", "429", *OF_BOTS},
        "POST /api/comments/{comment_id}/hold": {"200", "429", *OF_BOTS},
        "POST /api/comments/{comment_id}/ban": {"200", "429", *OF_BOTS},
        "POST /api/comments/{comment_id}/report": {"202", "400", "404", "413", "415", "422", "429", "503"},
        "GET /api/moderation": {"200", "503"},
        "GET /api/stats": {"200", "503"},
        "GET /api/ready": {"200", "503"},
    }
