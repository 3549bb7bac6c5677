"""Holds responses against docs/openapi.yaml."""

from __future__ import annotations

import functools
from typing import Any

import jsonschema
import yaml

from bot.settings import ROOT


@functools.cache
def document() -> dict[str, Any]:
    """docs/openapi.yaml."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
    return loaded


def problem_codes() -> set[str]:
    """The error codes that the document lists."""
    return set(document()["components"]["schemas"]["Problem"]["properties"]["error"]["properties"]["code"]["enum"])


def check(method: str, path: str, status: int, body: Any) -> None:
    """Raise jsonschema.ValidationError unless `body` is what the document says of this response."""
    operation = document()["paths"].get(path, {}).get(method.lower())
    if operation is None:  # an address or a method that does not exist
        check_schema({"$ref": "#/components/schemas/Problem"}, body)
        return
    response = operation["responses"][str(status)]
    if "$ref" in response:
        response = document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    check_schema(response["content"]["application/json"]["schema"], body)


def check_schema(schema: dict[str, Any], body: Any) -> None:
    """Raise jsonschema.ValidationError unless `body` fits."""
    whole = {**schema, "components": document()["components"]}
    jsonschema.Draft202012Validator(whole).validate(body)
