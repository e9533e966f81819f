"""`/openapi.json` and `/docs`: the contract for programs, written from the models that validate what comes in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot.doors.webhook.door import ASK
from triggers.webhook.content import FORM, JSON, MULTIPART, PLAIN
from triggers.webhook.models import AcceptedBody, AskBody, ErrorBody, ReceiptBody

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

STREAM = "text/event-stream"
REFUSED = {
    "400": "It is malformed.",
    "401": "The secret or the signature is wrong.",
    "404": "There is no such hook.",
    "408": "The body did not arrive in time.",
    "409": "The same delivery came before with another body.",
    "413": "It is more than 1 MB, or 10 MB as multipart/form-data.",
    "415": "It is of a kind that is not read here.",
    "422": "There is nothing to ask.",
    "429": "The hook is called too often; Retry-After says when to come back.",
    "503": "Nothing can be stored just now; Retry-After says when to come back.",
}
TRIED_AGAIN = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
ANY_FIELDS = {"type": "object", "additionalProperties": {"type": "string"}}
FILE_FIELDS = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "file": {"type": "string", "format": "binary"}},
}


def contract_routes(hooks: Sequence[str], public_url: str) -> list[Route]:
    """GET /openapi.json and GET /docs. Hooks are not listed: their names are known to those who may call them."""
    document = openapi(public_url, has_ask=ASK in hooks)

    async def as_json(_request: Request) -> Response:
        return JSONResponse(document)

    async def as_page(_request: Request) -> Response:
        return HTMLResponse(_template().render(document=document, operations=list(_operations(document))))

    return [Route("/openapi.json", as_json), Route("/docs", as_page)]


def openapi(public_url: str, *, has_ask: bool) -> dict[str, Any]:
    """The document, OpenAPI 3.1. Pure."""
    models: list[tuple[type[Any], Any]] = [(AskBody, "validation")]
    models += [(model, "serialization") for model in (AcceptedBody, ReceiptBody, ErrorBody)]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bellhop",
            "version": "1",
            "summary": "Something happens, Claude is asked, you get the answer.",
        },
        "servers": [{"url": public_url.rstrip("/") or "/"}],
        "paths": {**({f"/hooks/{ASK}": {"post": _ask()}} if has_ask else {}), **_other_paths()},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _other_paths() -> dict[str, Any]:
    return {
        "/hooks/{hook}": {"post": _hook()},
        "/events/{id}": {"get": _look(), "delete": _stop()},
        "/health": {"get": _plain("health", "Whether the process is alive.", {"200": _text("It is.")})},
    }


def _ask() -> dict[str, Any]:
    content = {JSON: {"schema": _ref("AskBody")}, FORM: {"schema": ANY_FIELDS}, MULTIPART: {"schema": FILE_FIELDS}}
    content |= {PLAIN: {"schema": {"type": "string", "minLength": 1}}}
    return _post("ask", "Ask Claude: `text` is the request itself.", content, [])


def _hook() -> dict[str, Any]:
    name = _parameter("hook", "path", "The hook's name.", {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"})
    content = {JSON: {"schema": {}}, FORM: {"schema": ANY_FIELDS}, MULTIPART: {"schema": FILE_FIELDS}}
    content |= {PLAIN: {"schema": {"type": "string"}}}
    return _post("hook", "Send to a hook what its rule asks about.", content, [name])


def _post(name: str, words: str, content: Mapping[str, Any], parameters: list[Any]) -> dict[str, Any]:
    again = _parameter("Idempotency-Key", "header", "The same key and body are the same event.", {"type": "string"})
    wait = _parameter("Prefer", "header", "`wait=N`: up to N seconds (60) for the answer.", {"type": "string"})
    done = _answer("The answer, where it was waited for or is there already.", "ReceiptBody")
    done["content"][STREAM] = {"schema": {"type": "string"}}
    return {
        "operationId": name,
        "summary": words,
        "security": [{"bearer": []}],
        "parameters": [*parameters, again, wait],
        "requestBody": {"required": True, "content": dict(content)},
        "responses": {
            "200": done,
            "202": {**_answer("It is kept, and is answered.", "AcceptedBody"), "headers": _location()},
            **{status: _refusal(status, words) for status, words in REFUSED.items()},
        },
    }


def _look() -> dict[str, Any]:
    last = _parameter("Last-Event-ID", "header", "Go on after this event of the stream.", {"type": "string"})
    found = _answer("The receipt; as an event-stream, the answer as it grows.", "ReceiptBody")
    found["content"][STREAM] = {"schema": {"type": "string"}}
    found["content"]["text/html"] = {"schema": {"type": "string"}}
    answers = {"200": found, "204": {"description": "The stream has ended after that event."}}
    return _of_event("look", "What became of an event.", answers, [last])


def _stop() -> dict[str, Any]:
    over = _answer("It is over already.", "ReceiptBody")
    return _of_event("stop", "Stop the answer.", {"200": over, "202": _answer("It is stopped.", "AcceptedBody")}, [])


def _of_event(name: str, words: str, answers: dict[str, Any], parameters: list[Any]) -> dict[str, Any]:
    found = [
        _parameter("id", "path", "The event's id.", {"type": "string"}),
        _parameter("key", "query", "The event's key, as its status_url has it.", {"type": "string"}),
    ]
    refused = {"401": "The key is not this event's.", "404": "There is no such event."}
    answers |= {status: _refusal(status, why) for status, why in refused.items()}
    return {**_plain(name, words, answers), "parameters": [*found, *parameters]}


def _plain(name: str, words: str, answers: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "summary": words, "responses": answers}


def _parameter(name: str, where: str, words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "description": words, "required": where == "path", "schema": schema}


def _ref(model: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model}"}


def _answer(words: str, model: str) -> dict[str, Any]:
    return {"description": words, "content": {JSON: {"schema": _ref(model)}}}


def _refusal(status: str, words: str) -> dict[str, Any]:
    headers = {"headers": TRIED_AGAIN} if status in ("429", "503") else {}
    return {**_answer(words, "ErrorBody"), **headers}


def _text(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PLAIN: {"schema": {"type": "string"}}}}


def _location() -> dict[str, Any]:
    return {"Location": {"description": "The status_url.", "schema": {"type": "string"}}}


def _operations(document: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    return [(verb.upper(), path, one) for path, verbs in document["paths"].items() for verb, one in verbs.items()]


@cache
def _template() -> Template:
    from jinja2 import Environment, select_autoescape  # the page may never be opened

    environment = Environment(autoescape=select_autoescape(default=True, default_for_string=True))
    environment.filters["coded"] = _coded
    return environment.from_string(files("triggers.webhook").joinpath("pages/docs.html").read_text(encoding="utf-8"))


def _coded(words: str) -> Markup:
    """A description, its words between backticks as code: the document is Markdown there, the page is not."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(words))))  # noqa: S704  # escaped before
