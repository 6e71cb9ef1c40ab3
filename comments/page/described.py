"""The API's own description, /api/openapi.json, as what a page shows of it: operations in groups, and shapes."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Field:
    """A parameter, or a property of an object. `example` is JSON, or empty."""

    name: str
    kind: str
    meaning: str
    example: str
    is_required: bool
    shapes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    status: int
    phrase: str
    shapes: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    id: str
    group: str
    method: str
    path: str
    summary: str
    description: str
    is_for_bots: bool
    parameters: list[Field]
    body: list[Field]
    sent: str  # JSON for a shell, or empty
    asked: str  # the path with an example of each required parameter
    answers: list[Answer]
    answered: str  # an example, as JSON


@dataclass(frozen=True)
class Shape:
    name: str
    description: str
    fields: list[Field]


class Described:
    """Everything on the page, in the order of the description."""

    def __init__(self, schema: dict[str, Any]):
        self.about: str = schema["info"]["description"]
        self._schemas: dict[str, dict] = schema["components"]["schemas"]
        operations = list(self._operations(schema["paths"]))
        self.groups = grouped(operations)
        self.shapes = [self._shape(name) for name in self._answered(operations)]

    def _operations(self, paths: dict[str, dict]) -> Iterator[Operation]:
        for path, methods in paths.items():
            for method, described in methods.items():
                yield self._operation(path, method, described)

    def _operation(self, path: str, method: str, described: dict) -> Operation:
        parameters = described["parameters"]
        body = self._resolved(content(described.get("requestBody", {})))
        answers = [self._answer(status, answer) for status, answer in described["responses"].items()]
        return Operation(
            id=described["operationId"],
            group=described["tags"][0],
            method=method.upper(),
            path=path,
            summary=described["summary"],
            description=described.get("description", ""),
            is_for_bots=any("bot" in tag for tag in described["tags"]),
            parameters=[self._field(found["name"], found["schema"], found["required"]) for found in parameters],
            body=self._fields(body),
            sent=shlex.quote(json.dumps(self._smallest(body), ensure_ascii=False)) if body else "",
            asked=asked(path, parameters),
            answers=answers,
            answered=self._answered_with(described["responses"]),
        )

    def _answer(self, status: int, answer: dict) -> Answer:
        return Answer(status, answer["description"], tuple(dict.fromkeys(named(content(answer)))))

    def _answered_with(self, responses: dict[int, dict]) -> str:
        good = next(answer for status, answer in sorted(responses.items()) if 200 <= status < 300)
        return json.dumps(self._example(content(good)), indent=2, ensure_ascii=False)

    def _answered(self, operations: list[Operation]) -> list[str]:
        """The names of all that is answered, and of what is inside of it."""
        found = dict.fromkeys(
            name for operation in operations for answer in operation.answers for name in answer.shapes
        )
        waiting = list(found)
        while waiting:
            inside = [name for name in named(self._schemas[waiting.pop(0)]) if name not in found]
            found |= dict.fromkeys(inside)
            waiting += inside
        return sorted(found)

    def _shape(self, name: str) -> Shape:
        schema = self._schemas[name]
        return Shape(name, schema.get("description", ""), self._fields(schema))

    def _fields(self, schema: dict) -> list[Field]:
        required = schema.get("required", [])
        fields = [self._field(name, field, name in required) for name, field in schema.get("properties", {}).items()]
        return sorted(fields, key=lambda field: not field.is_required)

    def _field(self, name: str, schema: dict, is_required: bool) -> Field:
        example = schema["examples"][0] if "examples" in schema else None
        shown = "" if example in (None, "") else json.dumps(example, ensure_ascii=False)
        return Field(name, kind(schema), schema.get("description", ""), shown, is_required, tuple(named(schema)))

    def _resolved(self, schema: dict) -> dict:
        return self._schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def _smallest(self, schema: dict) -> dict:
        """What has to be sent, and no more."""
        return {name: self._example(schema["properties"][name]) for name in schema.get("required", [])}

    def _example(self, schema: dict) -> Any:
        schema = self._resolved(schema)
        if "examples" in schema:
            return schema["examples"][0]
        if "anyOf" in schema:
            return self._example(next(kind for kind in schema["anyOf"] if not is_for_bots(kind)))
        if "items" in schema:
            return [self._example(schema["items"])]
        return {name: self._example(field) for name, field in schema["properties"].items() if is_there(name, schema)}


def is_for_bots(schema: dict) -> bool:
    return schema.get("$ref", "").endswith("ForBots")


def is_there(name: str, schema: dict) -> bool:
    """Whether an object is never without it."""
    return name in schema.get("required", []) or "const" in schema["properties"][name]


def grouped(operations: list[Operation]) -> list[tuple[str, list[Operation]]]:
    """Groups, and what is in them, in the order of the description."""
    groups: dict[str, list[Operation]] = {}
    for operation in operations:
        groups.setdefault(operation.group, []).append(operation)
    return list(groups.items())


def content(described: dict) -> dict:
    return described.get("content", {}).get("application/json", {}).get("schema", {})


def named(schema: Any) -> Iterator[str]:
    """The names of the shapes that a schema speaks of."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for inside in schema.values():
            yield from named(inside)
    elif isinstance(schema, list):
        for inside in schema:
            yield from named(inside)


def kind(schema: dict) -> str:
    """The type in words: `integer or null`, `"asc" or "desc"`, `list of Change`."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(map(kind, schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return " or ".join(map(json.dumps, schema.get("enum") or [schema["const"]]))
    if schema.get("type") == "array":
        return f"list of {kind(schema['items'])}"
    return schema.get("type", "anything")


def asked(path: str, parameters: list[dict]) -> str:
    examples = {found["name"]: found["examples"][0] for found in parameters if found["required"]}
    query = {name: value for name, value in examples.items() if f"{{{name}}}" not in path}
    return path.format(**examples) + ("?" + urlencode(query) if query else "")
