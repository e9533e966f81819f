"""An event as a file: all that is needed to ask it again elsewhere, its files included."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.errors import PROGRAM, SettingsError
from bot.events import Answer, Attachment, Event
from bot.receipts import Receipts
from bot.serial import from_json, to_json

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Export:
    """An event, and the answer that it had, if any."""

    event: Event
    answer: Answer | None


def exported(receipts: Receipts, event_id: str) -> dict[str, Any] | None:
    """Plain JSON data of an event with its files, its receipt and its answer; None when there is no such event."""
    event, receipt = receipts.event(event_id), receipts.get(event_id)
    if event is None or receipt is None:
        return None
    answer = receipts.answer(event_id)
    return {
        "bellhop": FORMAT,
        "event": to_json(event),
        "receipt": to_json(receipt),
        "answer": to_json(answer) if answer else None,
        "files": {one.sha256: data for one in event.attachments if one.sha256 and (data := _content(one))},
    }


def read_export(file: Path, state_dir: Path) -> Export:
    """An export out of a file; its files are laid into STATE_DIR. Raises SettingsError for what is none."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        event = from_json(Event, data["event"])
        answer = from_json(Answer, data["answer"]) if data.get("answer") else None
        files = {name: base64.b64decode(content, validate=True) for name, content in data.get("files", {}).items()}
    except OSError as error:
        raise SettingsError(f"{file} cannot be read ({error.strerror}).") from None
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        raise SettingsError(f"{file} is no exported event: `{PROGRAM} events --export ID > FILE` makes one.") from None
    attachments = tuple(_laid(one, files, state_dir / "files" / "replay") for one in event.attachments)
    return Export(replace(event, attachments=attachments), answer)


def _content(attachment: Attachment) -> str:
    try:
        return base64.b64encode(Path(attachment.path or "").read_bytes()).decode()
    except OSError:  # its copy is gone: the event is exported without
        return ""


def _laid(attachment: Attachment, files: dict[str, bytes], folder: Path) -> Attachment:
    content = files.get(attachment.sha256 or "")
    if content is None or hashlib.sha256(content).hexdigest() != attachment.sha256:
        return attachment
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / attachment.sha256
    copy.write_bytes(content)
    return replace(attachment, path=str(copy.absolute()))
