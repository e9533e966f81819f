"""Google's discovery documents as strict JSON Schemas: every answer of the stand-in is held to them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient.discovery_cache
import jsonschema

from playground.sheets.calls import Answer, Call
from playground.sheets.methods import found

_DOCUMENTS = Path(googleapiclient.discovery_cache.__file__).parent / "documents"
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "integer"},
                "message": {"type": "string"},
                "status": {"type": "string"},
                "details": {"type": "array", "items": {"type": "object", "required": ["@type"]}},
                "errors": {"type": "array"},
            },
            "additionalProperties": False,
        }
    },
}


@cache
def document(name: str) -> dict[str, Any]:
    """The discovery document of that file name."""
    data: dict[str, Any] = json.loads((_DOCUMENTS / name).read_text(encoding="utf-8"))
    return data


@cache
def validator(name: str, message: str) -> jsonschema.Draft202012Validator:
    """What judges one message, unknown names refused."""
    schemas = {key: _strict(schema) for key, schema in document(name)["schemas"].items()}
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{message}", "$defs": schemas})


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind = schema.get("type")
    if kind == "any":
        return {}
    if kind == "array":
        return {"type": "array", "items": _strict(schema["items"])}
    if kind == "object":
        parts = {key: _strict(part) for key, part in schema.get("properties", {}).items()}
        rest = _strict(schema["additionalProperties"]) if "additionalProperties" in schema else False
        return {"type": "object", "properties": parts, "additionalProperties": rest}
    return {"type": kind} | ({"enum": schema["enum"]} if "enum" in schema else {})


def violations(call: Call, answer: Answer) -> list[str]:
    """What Google's schema has against an answer."""
    if not answer.headers["Content-Type"].startswith("application/json"):
        return []
    if answer.status != 200:
        judge = jsonschema.Draft202012Validator(_ERROR)
    elif call.path.startswith("/drive/"):
        judge = validator("drive.v3.json", "File")
    else:
        match = found(call.method, call.path)
        assert match is not None
        judge = validator("sheets.v4.json", match[0].answer)
    return [f"{call.method} {call.path}: {error.message}" for error in judge.iter_errors(answer.json())]
