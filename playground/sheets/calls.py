"""One call and its answer, with or without a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.sheets.refusals import Json

_JSON_HEADERS = {
    "Content-Type": "application/json; charset=UTF-8",
    "Vary": "Origin, X-Origin, Referer",
    "Cache-Control": "private",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Call:
    """One HTTP request: `path` as it was sent (percent-encoded), header names in lower case."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """One HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json:
        """The body as JSON."""
        data: Json = json.loads(self.body)
        return data


class Lost(Exception):
    """The connection closes without an answer, after `after_s` seconds; `applied`: whether the call took effect."""

    def __init__(self, *, applied: bool, after_s: float = 0.0) -> None:
        super().__init__("connection closed without a response")
        self.applied = applied
        self.after_s = after_s


def json_answer(status: int, data: Json) -> Answer:
    """JSON as Google sends it."""
    return Answer(status, _JSON_HEADERS, json.dumps(data, ensure_ascii=False).encode())


def html_502() -> Answer:
    """The page that Google's front end answers with when nothing behind it does."""
    page = (
        "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error 502 (Server Error)!!1</title>\n"
        "<p><b>502.</b> <ins>That\u2019s an error.</ins>\n<p>The server encountered a temporary error and could not "
        "complete your request.<p>Please try again in 30 seconds.  <ins>That\u2019s all we know.</ins>\n"
    )
    return Answer(502, {"Content-Type": "text/html; charset=UTF-8"}, page.encode())


def html_404(path: str) -> Answer:
    """The page for a path that no API has."""
    page = f"<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p>{path} was not found.\n"
    return Answer(404, {"Content-Type": "text/html; charset=UTF-8"}, page.encode())
