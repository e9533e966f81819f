"""The table of messages is that of Google's discovery document."""

import pytest

from playground.sheets.calls import Call, json_answer
from playground.sheets.methods import METHODS
from playground.sheets.shapes import enumerations, messages
from tests.playground.sheets.discovery import document, violations

_PLAIN = {"string": "str", "integer": "int", "boolean": "bool", "number": "num"}
_SCHEMAS = document("sheets.v4.json")["schemas"]


def _matches(kind: str, schema) -> bool:
    if kind == "any":
        return True
    if kind.startswith("["):
        return bool(schema.get("type") == "array" and _matches(kind[1:-1], schema["items"]))
    if kind in enumerations():
        return bool(list(enumerations()[kind]) == schema.get("enum"))
    return bool(kind in (schema.get("$ref"), _PLAIN.get(schema.get("type", ""))))


@pytest.mark.parametrize("name", sorted(messages()))
def test_a_message_has_google_s_fields_and_types(name):
    fields, schema = messages()[name], _SCHEMAS[name].get("properties", {})
    assert set(fields) == set(schema)
    assert [field for field, kind in fields.items() if not _matches(kind, schema[field])] == []


def test_every_method_has_google_s_path_and_parameters():
    known = {}

    def collect(resource):
        for method in resource.get("methods", {}).values():
            known[method["httpMethod"], method["path"]] = method
        for inner in resource.get("resources", {}).values():
            collect(inner)

    collect(document("sheets.v4.json"))
    for method in METHODS:
        matching = [
            one
            for (verb, path), one in known.items()
            if verb == method.verb and method.pattern.fullmatch("/" + path.replace("{spreadsheetId}", "id"))
        ]
        assert matching, method.name
        wanted = {name for name, one in matching[0]["parameters"].items() if one["location"] == "query"}
        assert set(method.parameters) == wanted, method.name
        assert method.answer == matching[0]["response"]["$ref"]
        assert method.body == matching[0].get("request", {}).get("$ref", "")


def test_an_answer_with_a_name_google_does_not_have_is_caught():
    call = Call("GET", "/v4/spreadsheets/id/values/A1")
    assert violations(call, json_answer(200, {"range": "A1", "majorDimension": "ROWS"})) == []
    assert violations(call, json_answer(200, {"range": "A1", "colour": "red"})) != []
    assert violations(call, json_answer(200, {"majorDimension": "DIAGONAL"})) != []
