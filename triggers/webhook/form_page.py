"""The page of a hosted form: empty, or with what was written and what is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.doors.webhook.fields import LONG_CHARS, TEXT_CHARS, FormField
from bot.doors.webhook.rule import PICTURES, WebhookRule
from bot.rules.rule import Rule
from bot.web.templates import page
from triggers.webhook.models import MOST_FILES

LOGO_HEADERS = {
    # A picture may hold a program, which would run where it is opened by itself.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cache-control": "public, max-age=3600",
}


def form_page(
    rule: Rule,
    token: str,
    values: Mapping[str, str],
    *,
    root: str = "",
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
    is_unread: bool = False,
) -> Response:
    """The form; with what was written before, and by field what is wrong with it.

    `is_unread`: what was written never got here, so there is only `problem`, and no empty form in place of a full one.
    """
    keys = rule.of(WebhookRule)
    fields = keys.form_fields()
    look = keys.event_page()
    sight = {
        "title": look.title,
        "intro": keys.intro,
        "logo": look.logo,
        "action": f"{root}{look.again}",
        "fields": fields,
        "ids": {one.name: f"field-{number}" for number, one in enumerate(fields, 1)},
        "values": shown_values(fields, values),
        "errors": errors or {},
        "problem": problem,
        "is_unread": is_unread,
        "files_to_choose": files_to_choose(fields, values) if errors or problem else {},
        "most_files": MOST_FILES,
        "token": token,
        "text_chars": TEXT_CHARS,
        "long_chars": LONG_CHARS,
    }
    return page("form", sight, root=root, status=status, frames=look.frames)


def shown_values(fields: tuple[FormField, ...], values: Mapping[str, str]) -> dict[str, str]:
    """What stands in the fields; a browser shows no file again."""
    return {one.name: values.get(one.name, "") for one in fields if one.kind != "file"}


def files_to_choose(fields: tuple[FormField, ...], values: Mapping[str, str]) -> dict[str, str]:
    """The names of the files that came and are not to be shown again, by field."""
    return {one.name: values[one.name] for one in fields if one.kind == "file" and values.get(one.name)}


def logo_response(request: Request, path: str) -> Response:
    """The picture of a rule, as it lies on the disk now. Blocks."""
    file = Path(path).expanduser()
    kind = PICTURES.get(file.suffix.lower())
    if kind is None or not file.is_file():
        return PlainTextResponse("There is no picture.\n", 404)
    content = file.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    return Response(content, media_type=kind, headers={**LOGO_HEADERS, "etag": tag})
