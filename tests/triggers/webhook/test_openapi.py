"""The contract as a document: OpenAPI 3.1 that says what hooks really answer, and names no hook of anybody's."""

import json
import re
from datetime import UTC, datetime
from typing import get_args, get_type_hints

import jsonschema
import pytest
from pydantic import BaseModel

from bot.doors.webhook.rule import WebhookRule
from bot.events import Answer, Delivery, Json, Receipt
from bot.rules.rule import Rule
from bot.web.event_access import receipt_json
from tests.triggers.webhook.rig import ASK, BEARER, site
from triggers.webhook.models import AnswerBody, DeliveryBody, ReceiptBody, UsageBody
from triggers.webhook.openapi import openapi

pytestmark = pytest.mark.anyio


def schema_of(document, name):
    return {"$ref": f"#/components/schemas/{name}", "components": document["components"]}


async def test_what_is_answered_is_what_the_document_says(tmp_path):
    hidden = Rule(name="h", on="webhook", ask="x", options=WebhookRule(hook="nobody-knows"))
    async with site(f"sqlite:///{tmp_path}/bot.db", ASK, hidden, public_url="https://bot.example.com/in/") as web:
        document = (await web.client.get("/openapi.json")).json()
        assert document["openapi"] == "3.1.0"
        assert document["servers"] == [{"url": "https://bot.example.com/in"}]
        assert "nobody-knows" not in json.dumps(document)
        accepted = (await web.ask()).json()
        jsonschema.validate(accepted, schema_of(document, "AcceptedBody"))
        assert accepted["status_url"].startswith("https://bot.example.com/in/events/hook:ask:")
        receipt = await web.ask(prefer="wait=20")
        jsonschema.validate(receipt.json(), schema_of(document, "ReceiptBody"))
        jsonschema.validate((await web.post("ask", json=5)).json(), schema_of(document, "ErrorBody"))
        jsonschema.validate({"text": "x", "more": 1}, schema_of(document, "AskBody"))
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"text": 5}, schema_of(document, "AskBody"))
        for path, verbs in document["paths"].items():
            for verb, operation in verbs.items():
                assert all(re.fullmatch(r"[245]\d\d", status) for status in operation["responses"]), (path, verb)
        for method, path in (("GET", "/hooks/ask"), ("PUT", "/events/x"), ("POST", "/health"), ("GET", "/nothing")):
            answer = await web.client.request(method, path)
            assert (answer.status_code in (404, 405), list(answer.json())) == (True, ["error"])


async def test_the_page_asks_nobody_else_for_anything(tmp_path):
    async with site(f"sqlite:///{tmp_path}/bot.db") as web:
        page = await web.client.get("/docs", headers=BEARER)
        assert page.status_code == 200
        assert "POST /hooks/ask" in page.text
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page.text)
        assert "<script" not in page.text
        assert "`" not in page.text
        assert "<code>text</code> is the request itself" in page.text


def test_without_the_hook_ask_it_is_not_in_the_document():
    assert "/hooks/ask" not in openapi("", has_ask=False)["paths"]


def test_the_document_has_every_key_that_is_answered_and_no_other():
    now = datetime.now(UTC)
    receipt = Receipt("e", "webhook", "r", "s", "c", "answered", now, deliveries=(Delivery("slack:#a", "delivered"),))
    said = receipt_json(receipt, Answer("x", "m", "end_turn"))
    told: list[tuple[type[BaseModel], Json]] = [
        (ReceiptBody, said), (UsageBody, said["usage"]), (AnswerBody, said["answer"]),
        (DeliveryBody, said["deliveries"][0]),
    ]  # fmt: skip
    for model, answered in told:
        assert isinstance(answered, dict)
        assert list(model.model_fields) == list(answered), model.__name__
    ReceiptBody.model_validate(said)


def test_the_document_allows_the_states_that_there_are():
    for model, kind in ((ReceiptBody, Receipt), (DeliveryBody, Delivery)):
        assert get_args(model.model_fields["state"].annotation) == get_args(get_type_hints(kind)["state"])
