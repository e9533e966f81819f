"""What one can do on the page: act as a person in Slack, the sheet and the folder, and make trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from playground.names import BOT_MAIL
from playground.page.mails import PEOPLE, earlier_of, mail_data, written
from playground.page.outcome import Target
from playground.page.sights import CHANNELS, FOLDERS
from playground.page.sights import PEOPLE as SPEAKERS
from playground.page.trouble import Need, Troubles
from playground.sheets.a1 import column_letters
from playground.slack.calls import ApiError
from playground.slack.people import TEAM
from playground.stage import COLUMNS, TAB, Stage
from playground.stage.inbox import SAMPLES
from playground.stage.sheet import FIVE_ROWS

Data = dict[str, Any]
Act = Callable[[Data], Any]
MAX_TEXT = 40_000
MAX_LINES = 200


class Acts:
    """Every act by its name: POST /act/<name> with its arguments as JSON, or as a form where files come along."""

    def __init__(self, stage: Stage, troubles: Troubles) -> None:
        self._stage, self._troubles = stage, troubles
        self._acts: dict[str, Act] = {
            "say": self.say, "click": self.click, "edit": self.edit, "type": self.type, "paste": self.paste,
            "sort": self.sort, "insert": self.insert, "delete": self.delete, "five_rows": self.five_rows,
            "drop": self.drop, "sample": self.sample, "mail": self.mail, "trouble": self.trouble, "start": self.start,
            "turn": self.turn,
        }  # fmt: skip

    def routes(self) -> list[Route]:
        """What the page's server mounts."""
        return [Route(f"/act/{name}", _endpoint(act), methods=["POST"]) for name, act in self._acts.items()]

    def say(self, wish: Data) -> Data:
        """Write a message as one of the people: user, channel, text, thread_ts, files {name: bytes}."""
        user, channel = _one_of(wish["user"], SPEAKERS), _one_of(wish["channel"], CHANNELS)
        text = str(wish.get("text", ""))[:MAX_TEXT]
        files = wish.get("files") or None
        if not text.strip() and not files:
            raise ValueError("There is nothing to send.")
        return {"ts": self._stage.slack.say(user, channel, text, wish.get("thread_ts") or None, files)}

    def click(self, wish: Data) -> Data:
        """Press a button of a message: user, channel, ts, action_id, value."""
        user, channel = _one_of(wish["user"], SPEAKERS), _one_of(wish["channel"], CHANNELS)
        value = wish.get("value")
        self._stage.slack.click(user, str(wish["ts"]), str(wish["action_id"]), channel=channel, value=value)
        return {}

    def edit(self, wish: Data) -> Data:
        """Edit one's own message: user, channel, ts, text."""
        user, channel = _one_of(wish["user"], SPEAKERS), _one_of(wish["channel"], CHANNELS)
        message = self._stage.slack.message(channel, str(wish["ts"]))
        if message.user != user:
            raise ValueError("Only who wrote a message can edit it.")
        self._stage.slack.crowd.edit(user, channel, message.ts, str(wish["text"])[:MAX_TEXT])
        return {}

    def type(self, wish: Data) -> Data:
        """Type into a cell: row (its id, which stays the row's own when it moves), column (from 0), text."""
        cell = f"{column_letters(int(wish['column']))}{self._row_number(wish['row'])}"
        self._person().type(TAB, cell, str(wish["text"])[:MAX_TEXT])
        return {}

    def paste(self, wish: Data) -> Data:
        """Paste lines of cells, the first at row (its id) and column (from 0); what is beyond the sheet is left out."""
        column, lines = int(wish["column"]), [[str(cell)[:MAX_TEXT] for cell in line] for line in wish["lines"]]
        with self._stage.sheets.lock:
            first = self._row_number(wish["row"])
            for at, line in enumerate(lines[:MAX_LINES]):
                self._person().type_row(TAB, first + at, [*[None] * column, *line][: len(COLUMNS)])
        return {"rows": len(lines[:MAX_LINES])}

    def sort(self, wish: Data) -> Data:
        """Sort the rows by a column (from 0); descending or not. Blank rows end up below, as they do in a sheet."""
        self._person().sort(TAB, column_letters(int(wish["column"])), descending=bool(wish.get("descending")))
        return {}

    def insert(self, wish: Data) -> Data:
        """A blank row above a row."""
        self._person().insert_rows(TAB, self._row_number(wish["row"]))
        return {}

    def delete(self, wish: Data) -> Data:
        """A row gone."""
        self._person().delete_rows(TAB, self._row_number(wish["row"]))
        return {}

    def five_rows(self, _: Data) -> Data:
        """Type five rows below the filled ones and, at once, sort them all."""
        person, sheets = self._person(), self._stage.sheets
        with sheets.lock:
            first = sheets.book().tab(TAB).last_filled_row() + 2
            for at, text in enumerate(FIVE_ROWS):
                person.type_row(TAB, first + at, [text])
        return {}

    def drop(self, wish: Data) -> Data:
        """Put files into the folder: files {name: bytes}; with `tonight` they are answered by a batch."""
        drop = self._stage.inbox.drop_tonight if wish.get("tonight") else self._stage.inbox.drop
        return {"names": [drop(name, content) for name, content in (wish.get("files") or {}).items()]}

    def sample(self, wish: Data) -> Data:
        """Put one of the sample documents into the folder: name; `tonight` as for `drop`."""
        name = _one_of(wish["name"], tuple(SAMPLES))
        if wish.get("tonight"):
            return {"name": self._stage.inbox.drop_tonight(name, SAMPLES[name]())}
        self._stage.inbox.drop_sample(name)
        return {"name": name}

    def mail(self, wish: Data) -> Data:
        """Write a mail: person, subject, text, files {name: bytes}, `sample` to attach, `answers` (folder/uid)."""
        person = _one_of(wish["person"], tuple(PEOPLE))
        text, files = str(wish.get("text", ""))[:MAX_TEXT], dict(wish.get("files") or {})
        if wish.get("sample"):
            name = _one_of(wish["sample"], tuple(SAMPLES))
            files[name] = SAMPLES[name]()
        if not text.strip() and not files:
            raise ValueError("There is nothing to send.")
        earlier = earlier_of(self._letter(person, str(wish["answers"]))) if wish.get("answers") else None
        content = written(person, str(wish.get("subject", ""))[:200].strip(), text, files, earlier)
        mail, address = self._stage.mail, PEOPLE[person][1]
        mail.deliver(content, address, "Sent", (r"\Seen",))
        mail.deliver(f"Return-Path: <{address}>\r\nDelivered-To: {BOT_MAIL}\r\n".encode() + content)
        return {"id": mail_data(content)["id"]}

    def _letter(self, person: str, place: str) -> bytes:
        folder, _, uid = place.partition("/")
        mails = self._stage.mail.mails(_one_of(folder, FOLDERS), PEOPLE[person][1])
        found = next((one.content for one in mails if str(one.uid) == uid), None)
        if found is None:
            raise ValueError("That mail is gone.")
        return found

    def trouble(self, wish: Data) -> Data:
        """Make trouble: name. A question is asked or a row typed as well, so that there is something to hit."""
        kind = next((kind for kind in self._troubles.kinds() if kind.name == wish["name"]), None)
        if kind is None:
            raise ValueError(f"No trouble is called {wish['name']}.")
        return {"id": self._troubles.order(kind.name, self._ask), "needs": kind.needs}

    def turn(self, wish: Data) -> Data:
        """Turn the clock that schedules run by: to hour, day or report."""
        self._stage.clock.turn(_one_of(wish["to"], ("hour", "day", "report")))
        return {}

    def start(self, _: Data) -> Data:
        """Start the bot, should it have ended."""
        self._stage.bot.start()
        return {}

    def _ask(self, need: Need) -> Target:
        """Ask what a trouble needs; returns what is to be watched."""
        if need == "chat":
            ts = self.say({"user": SPEAKERS[0], "channel": CHANNELS[0], "text": TROUBLED_QUESTION})["ts"]
            return Target(event_id=f"slack:{TEAM}:{CHANNELS[0]}:{ts}")
        with self._stage.sheets.lock:
            at = self._stage.sheets.book().tab(TAB).last_filled_row() + 1
            self._person().type_row(TAB, at + 1, [FIVE_ROWS[0]])
            return Target(row_id=self._stage.sheets.book().tab(TAB).row_ids[at])

    def _person(self) -> Any:
        return self._stage.sheets.person("anna")

    def _row_number(self, row_id: object) -> int:
        with self._stage.sheets.lock:
            ids = self._stage.sheets.book().tab(TAB).row_ids
            if row_id not in ids[1:]:
                raise ValueError("That row is gone.")
            return ids.index(int(str(row_id))) + 1


TROUBLED_QUESTION = "@bellhop write a small Python program that counts the guests of a hotel"


def _endpoint(act: Act) -> Callable[[Request], Awaitable[JSONResponse]]:
    """The act as an endpoint: what cannot be done is a 400 in words."""

    async def endpoint(request: Request) -> JSONResponse:
        try:
            wish = await _wish(request)
            return JSONResponse(await asyncio.to_thread(act, wish))
        except ApiError as error:
            return JSONResponse({"error": f"Slack says {error.error}."}, 400)
        except KeyError as error:
            return JSONResponse({"error": f"{error.args[0]} is missing, or is no longer there."}, 400)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return endpoint


async def _wish(request: Request) -> Data:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        wish = await request.json()
        if not isinstance(wish, dict) or "files" in wish:
            raise ValueError("An act takes a JSON object; files come as a form.")
        return wish
    async with request.form(max_files=20) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)} | {"files": await _files(form)}


async def _files(form: FormData) -> dict[str, bytes]:
    uploads = [value for value in form.getlist("file") if isinstance(value, UploadFile)]
    return {upload.filename or "file": await upload.read() for upload in uploads}


def _one_of(value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{value} is not one of {', '.join(known)}.")
    return str(value)
