"""What a body says, whatever it was sent as: its message, its fields, its files. Pure, but for the forms' parser."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from bot.doors.webhook.deliveries import File
from bot.events import Json
from bot.web.body import worked_on
from bot.web.problem import Problem
from triggers.webhook.json_body import parse_json
from triggers.webhook.models import MOST_FILES

MOST_FIELDS = 100
MOST_FIELD_BYTES = 1_000_000
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
PLAIN, JSON = "text/plain", "application/json"
UNSUPPORTED = f"Send {JSON}, {FORM}, {MULTIPART} or {PLAIN}."


@dataclass(frozen=True, slots=True)
class Content:
    """`payload` is what came as JSON or as the fields of a form; a plain text is {"text": …}.

    `sha256` is the same for the same content: of a multipart body, whose boundary is another each time, it counts what
    is in it. `file_fields`: the name of the field that each of the files came in.
    """

    payload: Json
    sha256: str
    files: tuple[File, ...] = ()
    file_fields: tuple[str, ...] = ()


async def content_of(media: str, content_type: str, body: bytes, *, most_files: int = MOST_FILES) -> Content:
    """The content of a body of this media type. Raises Problem 400 or 415."""
    if media == MULTIPART:
        return await _multipart(content_type, body, most_files)
    if media == FORM:
        fields = _joined(_pairs(body))
        if body.lstrip()[:1] in (b"{", b"[") and not any(fields.values()):
            raise Problem(415, f"This looks like JSON; say so with Content-Type: {JSON}.")
        payload: Json = dict(fields)
    elif media == JSON or media.endswith("+json"):
        payload = await worked_on(len(body), parse_json, body)
    elif media == PLAIN or not (media or body):
        payload = {"text": _text(body)}
    else:
        raise Problem(415, UNSUPPORTED)
    return Content(payload, hashlib.sha256(body).hexdigest())


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(400, "This is not UTF-8.") from None


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        words = f"This is not {FORM} in UTF-8 with at most {MOST_FIELDS} fields."
        raise Problem(400, words) from None


def _joined(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    """Fields by name; one that came several times (boxes that were ticked) has all its values."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: ", ".join(values) for name, values in found.items()}


class _Parser(MultiPartParser):
    """Takes what is whole and in UTF-8; a file's name alone may be in any letters, for it is only shown."""

    _is_whole = False

    async def parse(self) -> FormData:
        form = await super().parse()
        if not self._is_whole:
            await form.close()
            raise MultiPartException("Its end is missing.")
        return form

    def on_part_begin(self) -> None:
        super().on_part_begin()
        self._charset = "utf-8"  # and not what the sender says of it

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        _, options = parse_options_header(self._current_part.content_disposition)
        _demand_utf8(options[b"name"])

    def on_part_end(self) -> None:
        _demand_utf8(self._current_part.data)
        super().on_part_end()

    def on_end(self) -> None:
        self._is_whole = True


def _demand_utf8(text: bytes | bytearray) -> None:
    try:
        text.decode()
    except UnicodeDecodeError:
        raise MultiPartException("A text in it is not UTF-8.") from None


async def _multipart(content_type: str, body: bytes, most_files: int) -> Content:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield body
        yield b""

    parser = _Parser(
        Headers({"content-type": content_type}),
        chunks(),
        max_files=most_files,
        max_fields=MOST_FIELDS,
        max_part_size=MOST_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, LookupError) as error:
        words = error.message if isinstance(error, MultiPartException) else ""
        raise Problem(400, f"This is not sound multipart/form-data. {words}".strip()) from None
    pairs, files, file_fields = list[tuple[str, str]](), list[File](), list[str]()
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            data = await value.read()
            if value.filename or data:  # a browser sends an empty one where nothing was chosen
                files.append(File(value.filename or name, data))
                file_fields.append(name)
        else:
            pairs.append((name, value))
    await form.close()
    inside = [pairs, [(file.name, hashlib.sha256(file.data).hexdigest()) for file in files]]
    digest = hashlib.sha256(json.dumps(inside).encode()).hexdigest()
    return Content(dict(_joined(pairs)), digest, tuple(files), tuple(file_fields))
