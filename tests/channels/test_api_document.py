"""docs/api.md and docs/openapi.yaml say what the code does."""

from __future__ import annotations

import ast
import http
import json
import re
from enum import StrEnum

import jsonschema
import pytest
from openapi_spec_validator import validate

from bot.channels import handoff, health, pages, updates, web, widget_api
from bot.domain.escalation import Status, Tier
from bot.domain.language import Language
from bot.domain.messages import ReplyKind
from bot.services.intake import MessageState
from bot.settings import ROOT
from tests.channels import contract

API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SCHEMAS = contract.document()["components"]["schemas"]


def raised_codes() -> set[tuple[int, str]]:
    """Status and code of every error that the channels can answer with, read from their source."""
    found = set()
    for path in (ROOT / "bot" / "channels").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found |= _status_and_code(node)
            elif isinstance(node, ast.Dict):
                found |= {_of_http(key.value) for key in node.keys if _is_status(key)}  # type: ignore[union-attr]
    return found


def _status_and_code(call: ast.Call) -> set[tuple[int, str]]:
    constants = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    if len(constants) >= 2 and isinstance(constants[0], int) and re.fullmatch("[a-z_]+", str(constants[1])):
        return {(constants[0], str(constants[1]))}
    return set()


def _is_status(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, int)


def _of_http(status: int) -> tuple[int, str]:
    return status, http.HTTPStatus(status).phrase.lower().replace(" ", "_")


def test_the_source_is_read_right() -> None:
    assert {(415, "not_json"), (500, "internal_error"), (404, "not_found"), (413, "text_too_long")} <= raised_codes()


@pytest.mark.parametrize(("status", "code"), sorted(raised_codes()))
def test_every_error_is_in_the_table(status: int, code: str) -> None:
    assert f"| {status} | `{code}` |" in API


def test_the_table_has_no_error_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| \d{3} \| `(\w+)` \|", API, re.M)) == {code for _, code in raised_codes()}


def test_openapi_lists_the_same_errors() -> None:
    assert contract.problem_codes() == {code for _, code in raised_codes()}


def test_openapi_is_valid() -> None:
    validate(contract.document())


def test_openapi_has_every_address_but_the_page() -> None:
    channels = (web, updates, widget_api, pages, handoff, health)
    routes = {(route.path, route.method.lower()) for channel in channels for route in channel.routes()}
    documented = {(path, method) for path, methods in contract.document()["paths"].items() for method in methods}
    assert documented == routes - {("/", "get"), ("/assets/{name}", "get")}


@pytest.mark.parametrize(
    ("listed", "existing"),
    [
        (SCHEMAS["Reply"]["properties"]["kind"]["enum"], ReplyKind),
        (SCHEMAS["Escalation"]["properties"]["tier"]["enum"], Tier),
        (SCHEMAS["Escalation"]["properties"]["status"]["enum"], Status),
        (SCHEMAS["Answer"]["properties"]["state"]["enum"], MessageState),
        (SCHEMAS["Config"]["properties"]["languages"]["items"]["enum"], Language),
    ],
)
def test_openapi_and_the_page_list_every_value(listed: list[str], existing: type[StrEnum]) -> None:
    assert listed == [str(member) for member in existing]
    assert [value for value in listed if f"`{value}`" not in API] == []


def test_every_field_of_the_api_is_explained() -> None:
    names = {
        name
        for schema in ("Message", "Answer", "Reply", "Escalation", "Updates", "Entry", "Config", "Feedback")
        for name in SCHEMAS[schema]["properties"]
    }
    assert [name for name in sorted(names) if not re.search(rf"^\| `[\w\[\].]*{name}` \|", API, re.M)] == []


@pytest.mark.parametrize(
    ("example", "schema"),
    zip(
        re.findall(r"```json\n(.+?)```", API, re.S),
        ["Answer", "Updates", "Config", "Forgetting", "Problem", "Readiness"],
        strict=True,
    ),
)
def test_the_examples_are_what_is_sent(example: str, schema: str) -> None:
    contract.check_schema({"$ref": f"#/components/schemas/{schema}"}, json.loads(example))


def test_a_response_that_is_not_as_documented_is_noticed() -> None:
    with pytest.raises(jsonschema.ValidationError):
        contract.check("POST", "/api/chat/messages", 200, {"conversation_id": "x", "replies": [], "escalation": None})
