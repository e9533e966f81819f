"""The way of a call through the stand-in: hook, weather, credentials, quota, method, mask, hook.

The order is Google's: a front that knows neither spreadsheet nor grid refuses first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote

from playground.sheets.book import Book
from playground.sheets.calls import Answer, Call, Lost, html_404, html_502, json_answer
from playground.sheets.drive import DriveRefused
from playground.sheets.drive import not_found as no_file
from playground.sheets.faults import Fault
from playground.sheets.masks import check, masked, parse
from playground.sheets.methods import Method, checked_query, found
from playground.sheets.reads import Asked
from playground.sheets.refusals import Json, Refused, forbidden, not_found, over_quota, scope_missing, unauthenticated
from playground.sheets.shapes import checked
from playground.sheets.tokens import DRIVE_SCOPES, READ_SCOPE, SHEETS_SCOPE, Grant
from playground.sheets.world import World

_SHEETS, _DRIVE = "sheets.googleapis.com", "drive.googleapis.com"
_PAYLOAD_BYTES = 10 * 1024 * 1024
_FILE = re.compile(r"/drive/v3/files/([^/]+)")
_WEATHER = {
    "500": (500, "INTERNAL", "Internal error encountered."),
    "503": (503, "UNAVAILABLE", "The service is currently unavailable."),
}


class Gate:
    """Takes calls for a stand-in."""

    def __init__(self, standin: World) -> None:
        self._standin = standin

    def take(self, call: Call) -> tuple[float, Callable[[], Answer]]:
        """Seconds to wait, and what then gives the answer (or raises Lost)."""
        if call.path == "/token":
            return 0.0, lambda: self._token(call)
        if not call.path.startswith(("/v4/", "/drive/v3/")):
            return 0.0, lambda: html_404(call.path)
        self._standin.before_call(call)
        with self._standin.lock:
            fault = self._standin.faults.draw(call.method, call.path)
        delay_s = fault.delay_s if fault and fault.kind == "slow" else 0.0
        return delay_s, lambda: self._answered(call, fault)

    def _token(self, call: Call) -> Answer:
        standin = self._standin
        with standin.lock:
            status, data = standin.tokens.exchange(call.body, standin.wall_clock(), standin.now())
        return json_answer(status, data)

    def _answered(self, call: Call, fault: Fault | None) -> Answer:
        standin = self._standin
        with standin.lock:
            standin.calls.append(call)
            if fault and not fault.applied:
                answer = self._struck(call, fault)
            else:
                answer = self._drive(call) if call.path.startswith("/drive/") else self._sheets(call)
        standin.after_call(call, answer)
        if fault and fault.kind in {"lost", "timeout_applied"}:
            raise Lost(applied=answer.status == 200, after_s=fault.delay_s)
        return answer

    def _struck(self, call: Call, fault: Fault) -> Answer:
        if fault.kind in {"dropped", "timeout"}:
            raise Lost(applied=False, after_s=fault.delay_s)
        if fault.kind == "502":
            return html_502()
        if fault.kind == "429":
            kind = "Read" if call.method == "GET" else "Write"
            refusal = over_quota(kind, "user", self._standin.quota.user_limit, "playground-project")
        elif fault.kind == "401":
            refusal = unauthenticated("ACCESS_TOKEN_EXPIRED", _SHEETS)
        else:
            refusal = Refused(*_WEATHER[fault.kind])
        return json_answer(refusal.code, refusal.body())

    def _sheets(self, call: Call) -> Answer:
        match = found(call.method, call.path)
        if match is None:
            return html_404(call.path)
        method, parts = match
        try:
            return json_answer(200, self._carried_out(call, method, parts))
        except Refused as refusal:
            return json_answer(refusal.code, refusal.body())

    def _carried_out(self, call: Call, method: Method, parts: dict[str, str]) -> Json:
        standin = self._standin
        now = standin.now()
        grant = standin.tokens.grant(call.headers.get("authorization", ""), now, _SHEETS)
        _check_scopes(grant, method)
        standin.quota.spend(method.kind, grant.email, grant.project, now)
        if len(call.body) > _PAYLOAD_BYTES:
            raise Refused.argument(f"Request payload size exceeds the limit: {_PAYLOAD_BYTES} bytes.")
        query = checked_query(method, call.query)
        body = checked(call.body, method.body) if method.body else {}
        mask = parse(",".join(query.get("fields", [])))
        check(mask, method.answer)
        book = self._book(parts["id"], grant, writing=method.kind == "write")
        standin.quota.touch(book.spreadsheet_id, now)
        who = f"api:{grant.email}"
        asked = Asked(book, who, now, standin.behaviour, parts, query, body, mask)
        answer: Json = masked(method.run(asked), mask)
        return answer

    def _book(self, spreadsheet_id: str, grant: Grant, *, writing: bool) -> Book:
        book = self._standin.books.get(spreadsheet_id)
        if book is None:
            raise not_found()
        if grant.email not in (book.writers if writing else book.writers | book.readers):
            raise forbidden()
        return book

    def _drive(self, call: Call) -> Answer:
        try:
            return json_answer(200, self._file(call))
        except Refused as refusal:
            return json_answer(refusal.code, refusal.body())
        except DriveRefused as refused:
            return json_answer(refused.code, refused.body())

    def _file(self, call: Call) -> Json:
        standin = self._standin
        now = standin.now()
        grant = standin.tokens.grant(call.headers.get("authorization", ""), now, _DRIVE)
        if not grant.scopes.intersection(DRIVE_SCOPES):
            raise scope_missing(_DRIVE, "google.apps.drive.v3.DriveFiles.Get")
        match = _FILE.fullmatch(call.path)
        if match is None or call.method != "GET":
            raise DriveRefused(404, "notFound", "global", "Not Found")
        standin.drive.spend(grant.email, 5, now)
        file_id = unquote(match[1])
        book = standin.books.get(file_id)
        if book is None or grant.email not in book.writers | book.readers:
            raise no_file(file_id)
        return standin.drive.file(book, ",".join(parse_qs(call.query).get("fields", [])), now)


def _check_scopes(grant: Grant, method: Method) -> None:
    enough = {SHEETS_SCOPE, *DRIVE_SCOPES[:1]} | ({READ_SCOPE, DRIVE_SCOPES[1]} if method.kind == "read" else set())
    if not grant.scopes & enough:
        raise scope_missing(_SHEETS, f"google.apps.sheets.v4.SpreadsheetsService.{method.name}")
