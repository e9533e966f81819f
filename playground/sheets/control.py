"""The control of a running stand-in over HTTP: what the playground's page and outside tests turn.

GET  /_control/state                            {"spreadsheets": [{id, title, version, tabs: [{title, rows}]}], …}
GET  /_control/history?after=N&spreadsheet=ID   {"changes": [{number, at, who, kind, tab, row, column, before, after}]}
POST /_control/spreadsheet {tabs, …}            see `SheetsStandIn.add_spreadsheet`
POST /_control/type    {tab, cell, text}        and likewise insert, delete, move, sort, copy, cut, clear, rename,
                                                replace, protect: the names of a person's acts, their arguments as JSON
POST /_control/faults  {kind, times, …}         see `Faults.add`; {"clear": true} ends them
POST /_control/settings {user_limit, drive_lag_s, …}
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from playground.sheets.a1 import column_letters
from playground.sheets.cells import entered
from playground.sheets.people import Person
from playground.sheets.refusals import Json, Refused
from playground.sheets.values import shown_grid
from playground.sheets.world import World

_ACTS: dict[str, Callable[..., Any]] = {
    "type": Person.type,
    "type_row": Person.type_row,
    "clear": Person.clear,
    "insert": Person.insert_rows,
    "delete": Person.delete_rows,
    "move": Person.move_rows,
    "sort": Person.sort,
    "copy": Person.copy_rows,
    "cut": Person.cut_paste,
    "rename": Person.rename_tab,
    "replace": Person.find_replace,
    "protect": Person.protect,
}


def control_app(standin: World) -> Starlette:
    """The control's routes."""
    return Starlette(
        routes=[
            Route("/_control/state", _guarded(standin, _state), methods=["GET"]),
            Route("/_control/history", _guarded(standin, _history), methods=["GET"]),
            Route("/_control/spreadsheet", _guarded(standin, _spreadsheet), methods=["POST"]),
            Route("/_control/faults", _guarded(standin, _faults), methods=["POST"]),
            Route("/_control/settings", _guarded(standin, _settings), methods=["POST"]),
            Route("/_control/{act}", _guarded(standin, _act), methods=["POST"]),
        ]
    )


Control = Callable[[World, str, Json], Json]


def _guarded(standin: World, control: Control) -> Callable[[Request], Awaitable[JSONResponse]]:
    """The control as an endpoint: wrong arguments are a 400 in words."""

    async def endpoint(request: Request) -> JSONResponse:
        try:
            body = await request.json() if await request.body() else dict(request.query_params)
            return JSONResponse(control(standin, request.path_params.get("act", ""), body))
        except (Refused, ValueError, TypeError, KeyError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return endpoint


def _state(standin: World, _: str, __: Json) -> Json:
    with standin.lock:
        books = [
            {
                "id": book.spreadsheet_id,
                "title": book.title,
                "version": book.version,
                "tabs": [{"title": tab.title, "rows": shown_grid(tab)} for tab in book.tabs],
            }
            for book in standin.books.values()
        ]
        return {"spreadsheets": books, "quota": dict(standin.quota.counts), "faults": list(standin.faults.struck)}


def _act(standin: World, act: str, body: Json) -> Json:
    if act not in _ACTS:
        raise ValueError(f"no act is called {act}; known: {', '.join(_ACTS)}")
    person = standin.person(body.pop("who", "ana"), body.pop("spreadsheet", ""))
    result = _ACTS[act](person, **body)
    return {"ok": True} | ({"changed": result} if isinstance(result, int) else {})


def _history(standin: World, _: str, body: Json) -> Json:
    """What was done since the change of that number, of one spreadsheet."""
    with standin.lock:
        book = standin.book(body.get("spreadsheet", ""))
        changes = book.history[int(body.get("after", -1)) + 1 :]
        titles = {tab.tab_id: tab.title for tab in book.tabs}
        return {
            "changes": [
                {
                    "number": change.number,
                    "at": change.at,
                    "who": change.who,
                    "kind": change.kind,
                    "tab": titles.get(change.tab_id, ""),
                    "row": change.row + 1,
                    "column": column_letters(change.column) if change.column >= 0 else "",
                    "before": entered(change.before),
                    "after": entered(change.after),
                }
                for change in changes
            ]
        }


def _spreadsheet(standin: World, _: str, body: Json) -> Json:
    """A new spreadsheet in the place of one with that id: {tabs: {title: rows}, spreadsheet_id, …}."""
    return {"id": standin.add_spreadsheet(**body).spreadsheet_id}


def _faults(standin: World, _: str, body: Json) -> Json:
    if body.pop("clear", False):
        standin.faults.clear()
    if body:
        standin.faults.add(**body)
    return {"ok": True}


def _settings(standin: World, _: str, body: Json) -> Json:
    """`user_limit`, `project_limit` (per minute), `drive_lag_s`, `token_life_s`, `speed`, `revoke_key`: true."""
    targets: dict[str, tuple[object, str]] = {
        "user_limit": (standin.quota, "user_limit"),
        "project_limit": (standin.quota, "project_limit"),
        "drive_lag_s": (standin.drive, "lag_s"),
        "token_life_s": (standin.tokens, "life_s"),
    }
    if body.pop("revoke_key", False):
        standin.revoke_key()
    if "speed" in body:
        standin.clock.set_speed(float(body.pop("speed")))
    for name, value in body.items():
        if name not in targets:
            raise ValueError(f"no setting is called {name}; known: {', '.join(targets)}, speed, revoke_key")
        setattr(*targets[name], float(value) if name == "drive_lag_s" else int(value))
    return {"ok": True}
