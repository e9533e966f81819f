"""The checks of a wanted JSON schema: the vendor takes a part of JSON Schema and refuses the rest.

Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs
"""

from __future__ import annotations

from typing import Any

from playground.claude.problem import refuse

UNSUPPORTED = {
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "string": {"minLength", "maxLength"},
    "array": {"maxItems", "uniqueItems", "contains"},
    "object": {"minProperties", "maxProperties", "patternProperties"},
}
FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"})
TYPES = frozenset({"object", "array", "string", "integer", "number", "boolean", "null"})
START = "output_config.format.schema"


def check_schema(body: dict[str, Any]) -> None:
    """Raise for a schema that the vendor refuses; nothing to do without one."""
    wanted = (body.get("output_config") or {}).get("format")
    if not wanted:
        return
    if any((block.get("citations") or {}).get("enabled") for block in _documents(body)):
        raise refuse("output_config.format: Citations are not supported with structured outputs.")
    _check(wanted["schema"])


def _documents(body: dict[str, Any]) -> list[dict[str, Any]]:
    contents = [message["content"] for message in body["messages"] if isinstance(message["content"], list)]
    return [block for content in contents for block in content if block["type"] == "document"]


def _check(schema: Any) -> None:
    if not isinstance(schema, dict):
        raise refuse(f"{START}: schemas must be objects")
    for kind in _kinds(schema):
        _check_kind(kind, schema)
    for part in _parts(schema):
        _check(part)


def _kinds(schema: dict[str, Any]) -> list[str]:
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind] if kind else []
    if not kinds and not {"anyOf", "allOf", "$ref", "enum", "const"} & set(schema):
        raise refuse(f"{START}: Schema must have a 'type', 'anyOf', 'allOf', 'enum', 'const' or '$ref'")
    if unknown := set(kinds) - TYPES:
        raise refuse(f"{START}: Unknown type {min(unknown)!r}")
    return kinds


def _check_kind(kind: str, schema: dict[str, Any]) -> None:
    if found := sorted(UNSUPPORTED.get(kind, set()) & set(schema)):
        raise refuse(f"{START}: For '{kind}' type, properties {', '.join(found)} are not supported")
    if kind == "object" and schema.get("additionalProperties") is not False:
        raise refuse(f"{START}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    if kind == "array" and schema.get("minItems", 0) not in {0, 1}:
        raise refuse(f"{START}: For 'array' type, 'minItems' values other than 0 or 1 are not supported")
    if kind == "string" and "format" in schema and schema["format"] not in FORMATS:
        raise refuse(f"{START}: For 'string' type, format {schema['format']!r} is not supported")


def _parts(schema: dict[str, Any]) -> list[Any]:
    parts = list((schema.get("properties") or {}).values()) + list((schema.get("$defs") or {}).values())
    parts += [schema["items"]] if "items" in schema else []
    return parts + list(schema.get("anyOf") or []) + list(schema.get("allOf") or [])
