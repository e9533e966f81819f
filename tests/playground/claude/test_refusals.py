"""What the vendor refuses, the stand-in refuses: with the vendor's status, kind and shape."""

from __future__ import annotations

from typing import Any

import anthropic
import httpx2
import pytest

from playground.claude import DEFAULT_KEY
from tests.playground.claude.asking import MODEL, blocks, body_of
from tests.playground.claude.files import image_block, pdf, pdf_block, picture, text_document

EPHEMERAL: dict[str, Any] = {"cache_control": {"type": "ephemeral"}}


def said(text: str = "Hi", **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **more}


def talk(*turns: tuple[str, Any]) -> dict[str, Any]:
    return body_of(messages=[{"role": role, "content": content} for role, content in turns])


def schema(wanted: dict[str, Any]) -> dict[str, Any]:
    return body_of(output_config={"format": {"type": "json_schema", "schema": wanted}})


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def without(name: str) -> dict[str, Any]:
    body = body_of()
    del body[name]
    return body


TOOL = {"name": "look", "input_schema": {"type": "object"}}

REFUSED = {
    "an unknown field": (body_of(colour="red"), "colour: Extra inputs are not permitted"),
    "temperature": (body_of(temperature=0.5), "temperature: Extra inputs are not permitted"),
    "top_p": (body_of(top_p=0.9), "top_p: Extra inputs are not permitted"),
    "top_k": (body_of(top_k=5), "top_k: Extra inputs are not permitted"),
    "no max_tokens": (without("max_tokens"), "max_tokens: Field required"),
    "no messages": (without("messages"), "messages: Field required"),
    "no model": (without("model"), "model: Field required"),
    "max_tokens as text": (body_of(max_tokens="9"), "max_tokens: Input should be a valid integer"),
    "too many max_tokens": (body_of(max_tokens=128_001), "max_tokens: 128001 > 128000, which is the maximum allowed"),
    "no message at all": (talk(), "messages: at least one message is required"),
    "an unknown role": (talk(("robot", "Hi")), "messages.0.role: Input should be"),
    "an assistant first": (talk(("assistant", "Hi"), ("user", "Hi")), "first message must use the"),
    "an assistant last": (talk(("user", "Hi"), ("assistant", "I")), "does not support assistant message prefill"),
    "empty content": (talk(("user", "")), "messages.0: all messages must have non-empty content"),
    "an empty list": (talk(("user", [])), "messages.0: all messages must have non-empty content"),
    "an empty text block": (blocks(said("")), "messages: text content blocks must be non-empty"),
    "a blank text block": (blocks(said(" \n")), "messages: text content blocks must contain non-whitespace text"),
    "an unknown block": (blocks({"type": "video"}), "messages.0.content.0: Input tag 'video' found"),
    "an unknown field in a block": (blocks(said(mood=1)), "messages.0.content.0.text.mood: Extra inputs are not"),
    "a user's thinking": (
        blocks({"type": "thinking", "thinking": "", "signature": "x"}),
        "messages.0: `thinking` blocks are not allowed in `user` messages",
    ),
    "an empty system block": (body_of(system=[said("")]), "system: text content blocks must be non-empty"),
    "five cache marks": (blocks(*[said(**EPHEMERAL) for _ in range(5)]), "A maximum of 4 blocks with cache_control"),
    "four and one on top": (
        {**blocks(*[said(**EPHEMERAL) for _ in range(4)]), **EPHEMERAL},
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "a long life after a short one": (
        blocks(said(**EPHEMERAL), said(cache_control={"type": "ephemeral", "ttl": "1h"})),
        "a ttl='1h' cache_control block must not come after",
    ),
    "thinking off": (body_of(thinking={"type": "disabled"}), '"thinking.type.disabled" is not supported for this'),
    "a thinking budget": (
        body_of(thinking={"type": "enabled", "budget_tokens": 2000}),
        '"thinking.type.enabled" is not supported for this model',
    ),
    "between tools at the highest effort": (
        body_of(thinking={"type": "between_tools"}, output_config={"effort": "max"}),
        '"thinking.type.between_tools" is not supported with "output_config.effort"',
    ),
    "an unknown effort": (body_of(output_config={"effort": "huge"}), "output_config.effort: Input should be"),
    "a forced tool": (
        body_of(tools=[TOOL], tool_choice={"type": "tool", "name": "look"}),
        "tool_choice.type: 'tool' is not supported for this model",
    ),
    "a tool twice": (body_of(tools=[TOOL, TOOL]), "tools: Tool names must be unique."),
    "an open schema": (schema({"type": "object", "properties": {}}), "'additionalProperties' must be explicitly set"),
    "a schema with limits": (
        schema(closed(n={"type": "integer", "minimum": 1, "maximum": 5})),
        "For 'integer' type, properties maximum, minimum are not supported",
    ),
    "a schema with a deep limit": (
        schema(closed(rows={"type": "array", "items": {"type": "string", "maxLength": 3}})),
        "For 'string' type, properties maxLength are not supported",
    ),
    "broken base64": (
        blocks({**image_block(b""), "source": {"type": "base64", "media_type": "image/png", "data": "@@"}}),
        "messages.0.content.0.image.source.base64.data: Invalid base64 data",
    ),
    "a picture that is none": (blocks(image_block(b"hello")), "Could not process image"),
    "a picture that is cut short": (blocks(image_block(picture("PNG", 90, 90)[:60])), "Could not process image"),
    "an empty picture": (blocks(image_block(b"")), "messages.0.content.0.image.source.base64: image cannot be empty"),
    "a picture of another kind": (
        blocks(image_block(picture("JPEG"), "image/png")),
        "specified using the image/png media type, but the image appears to be a image/jpeg image",
    ),
    "an unknown kind of picture": (blocks(image_block(picture(), "image/bmp")), "media_type: Input should be"),
    "a picture too wide": (blocks(image_block(picture("PNG", 8001, 1))), "exceed max allowed size: 8000 pixels"),
    "many pictures, one too wide": (
        blocks(*[image_block(picture("PNG", 2001, 1))] * 21),
        "exceed max allowed size for many-image requests: 2000 pixels",
    ),
    "too many pictures": (
        blocks(*[image_block(picture())] * 101),
        "Too much media: 0 document pages + 101 images > 100",
    ),
    "too many pages and pictures together": (
        blocks(pdf_block(pdf(60)), *[image_block(picture())] * 41),
        "Too much media: 60 document pages + 41 images > 100",
    ),
    "a picture too big": (
        blocks(image_block(picture() + bytes(4 * 1024 * 1024))),
        "image exceeds 5 MB maximum",
    ),
    "a PDF that is none": (blocks(pdf_block(b"hello")), "The PDF specified was not valid."),
    "a damaged PDF": (blocks(pdf_block(b"%PDF-1.7 and then nothing")), "The PDF specified was not valid."),
    "a PDF with a password": (blocks(pdf_block(pdf(password="x"))), "The PDF specified is password protected."),
    "a PDF too long": (blocks(pdf_block(pdf(101))), "A maximum of 100 PDF pages may be provided."),
    "two PDFs too long together": (
        blocks(pdf_block(pdf(51)), pdf_block(pdf(50))),
        "messages.0.content.1.pdf.source.base64.data: A maximum of 100 PDF pages may be provided.",
    ),
    "an empty document": (blocks(text_document(" ")), "document text must be non-empty"),
    "a document elsewhere": (
        blocks({"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}}),
        "Unable to download the file",
    ),
    "effort for a model without it": (
        body_of(model="claude-haiku-4-5", output_config={"effort": "low"}),
        "This model does not support the effort parameter.",
    ),
    "between tools for a model without it": (
        body_of(model="claude-opus-5-5", thinking={"type": "between_tools"}),
        '"thinking.type.between_tools" is not supported for this model',
    ),
    "a changed thought": (
        talk(
            ("user", "Hi"),
            ("assistant", [{"type": "thinking", "thinking": "mine", "signature": "x"}, said()]),
            ("user", "So?"),
        ),
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_is_refused_with_400_for(name, post, stand_in):
    body, sentence = REFUSED[name]
    answer = post(body)
    assert answer.status_code == 400, answer.text
    assert_shape(answer, "invalid_request_error", sentence)
    assert stand_in.tally.calls == 0


def test_an_unknown_model_is_not_found(post):
    answer = post(body_of(model="claude-2"))
    assert answer.status_code == 404
    assert_shape(answer, "not_found_error", "model: claude-2")


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"authorization": None}, "x-api-key header is required"),
        ({"authorization": "Bearer wrong"}, "Invalid bearer token"),
        ({"authorization": None, "x_api_key": "wrong"}, "invalid x-api-key"),
    ],
)
def test_without_the_right_key_nothing_is_answered(post, headers, sentence):
    answer = post(body_of(), **headers)
    assert answer.status_code == 401
    assert_shape(answer, "authentication_error", sentence)


def test_the_older_key_header_is_taken_too(post):
    assert post(body_of(), authorization=None, x_api_key=DEFAULT_KEY).status_code == 200


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"anthropic_version": None}, "anthropic-version: header is required"),
        ({"anthropic_version": "2019-01-01"}, 'anthropic-version: "2019-01-01" is not a valid version'),
        ({"anthropic_beta": "magic"}, "Unexpected value(s) `magic` for the `anthropic-beta` header."),
        ({"content_type": "text/plain"}, "Content type must be application/json"),
    ],
)
def test_headers_must_be_right(post, headers, sentence):
    answer = post(body_of(), **headers)
    assert answer.status_code == 400
    assert_shape(answer, "invalid_request_error", sentence)


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"[" * 100_000, b'{"model": "\\ud83d"}'])
def test_a_body_that_is_no_json_object_is_refused(url, content):
    headers = {
        "authorization": f"Bearer {DEFAULT_KEY}",
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
    }
    answer = httpx2.post(f"{url}/v1/messages", content=content, headers=headers)
    assert answer.status_code == 400
    assert_shape(answer, "invalid_request_error", "not valid JSON")


def test_a_body_over_32_mb_is_too_large(client):
    with pytest.raises(anthropic.ContentTooLargeError):
        client.messages.create(**blocks(pdf_block(bytes(25 * 1024 * 1024))))


def test_an_unknown_path_is_not_found_in_the_vendors_shape(post):
    answer = post({}, path="/v1/complete")
    assert answer.status_code == 404
    assert_shape(answer, "not_found_error", "Not Found")


def test_counting_refuses_what_only_messages_take(post):
    answer = post(body_of(), path="/v1/messages/count_tokens")
    assert answer.status_code == 400
    assert_shape(answer, "invalid_request_error", "max_tokens: Extra inputs are not permitted")


ACCEPTED = {
    "a full conversation": talk(("user", "Hi"), ("assistant", "Hello"), ("user", "And?")),
    "two users in a row": talk(("user", "Hi"), ("user", "And?")),
    "a system prompt in blocks": body_of(system=[said("Be kind.", **EPHEMERAL)]),
    "a mark on top": body_of(**EPHEMERAL),
    "between tools at high effort": body_of(thinking={"type": "between_tools"}, output_config={"effort": "high"}),
    "a tool left to choose": body_of(tools=[TOOL], tool_choice={"type": "auto"}),
    "every kind of picture": blocks(
        *[image_block(picture(kind), f"image/{kind.lower()}") for kind in ("PNG", "JPEG", "GIF", "WEBP")], said()
    ),
    "a PDF of 100 pages": blocks(pdf_block(pdf(100), title="a.pdf", context="scan", **EPHEMERAL), said()),
    "a text document with citations": blocks(text_document("Some text.", citations={"enabled": True}), said()),
    "thinking off where that is allowed": body_of(model="claude-haiku-5-5", thinking={"type": "disabled"}),
    "a budget where that is allowed": body_of(
        model="claude-haiku-4-5", thinking={"type": "enabled", "budget_tokens": 1024}
    ),
    "a prefill where that is allowed": {**talk(("user", "Hi"), ("assistant", "I")), "model": "claude-sonnet-4-5"},
    "metadata": body_of(metadata={"user_id": "u-1"}, service_tier="auto", stop_sequences=["END"]),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_request_is_answered_with(name, post):
    answer = post(ACCEPTED[name])
    assert answer.status_code == 200, answer.text


def test_the_sdk_sends_nothing_that_is_refused(client):
    """Every parameter that Bellhop may use, as the SDK itself writes it."""
    message = client.messages.create(
        model=MODEL,
        max_tokens=2000,
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        messages=[{"role": "user", "content": [text_document("a,b\n1,2"), said("What?", **EPHEMERAL)]}],
        thinking={"type": "adaptive"},
        output_config={"effort": "medium"},
        metadata={"user_id": "someone"},
        stop_sequences=["<end>"],
    )
    assert message.stop_reason == "end_turn"


def test_a_key_is_never_repeated(post):
    assert "sk-ant-secret" not in post(body_of(), authorization="Bearer sk-ant-secret").text


def assert_shape(answer: httpx2.Response, kind: str, sentence: str) -> None:
    body = answer.json()
    assert set(body) == {"type", "error", "request_id"}
    assert body["type"] == "error"
    assert body["error"]["type"] == kind
    assert sentence in body["error"]["message"]
    assert body["request_id"] == answer.headers["request-id"]
