"""How a rule and what came in make a delivery: which part is the message, which fill the rule's `ask`. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from pydantic import TypeAdapter, ValidationError

from bot.doors.webhook.deliveries import Delivery, File
from bot.doors.webhook.door import ASK, KNOWN
from bot.doors.webhook.rule import WebhookRule
from bot.doors.webhook.signatures import Proof
from bot.events import Json
from bot.rules.placeholders import LONGEST_NAME as LONGEST_PATH
from bot.rules.placeholders import bare, folded
from bot.rules.rule import Rule
from bot.web.problem import Problem
from triggers.webhook.content import Content
from triggers.webhook.models import MOST_FILES, FileBody, ask_body

MOST_FIELDS = 500
"""Values of a payload that its event carries by name, besides those that the rule's `ask` names."""
LONGEST_NAME, LONGEST_SUBJECT = 500, 200
LONGEST_WANTED = 200
"""Characters of a name in the braces of an `ask`."""
NOTHING = 'There is nothing to ask: send a "text".'
_FILES = TypeAdapter(list[FileBody])
_BRACES = re.compile(rf"\{{([^{{}}\n]{{1,{LONGEST_WANTED}}})\}}")
_NUMBER = re.compile(r"(?<!\d)\d{1,9}(?!\d)", re.ASCII)
_NAME = re.compile(r"[^\W\d][\w .-]*")


@dataclass(frozen=True, slots=True)
class Read:
    """What a payload says by the keys of ours; `rest` is all the others."""

    text: str
    rest: Json
    files: tuple[File, ...] = ()
    conversation: str = ""
    subject: str = ""
    overrides: Mapping[str, str | int] = field(default_factory=dict)


def delivery_of(rule: Rule, content: Content, proof: Proof) -> Delivery:
    """The delivery. Raises Problem 400 for a wrong key, 422 when there is nothing to ask."""
    keys = rule.of(WebhookRule)
    is_own = keys.hook == ASK and keys.verify == "bearer"
    read = read_ask(content.payload) if is_own else read_any(content.payload)
    files = (*content.files, *read.files)
    wanted = _wanted(rule.ask)
    fields = fields_of(read.rest, wanted)
    if not read.text and (not files or rule.ask.strip()):
        read = _with_material(read, fields, wanted, is_asked=bool(rule.ask.strip()))
    _demand_something(rule, read.text, fields, files, wanted)
    text = read.text
    if text and not rule.ask.strip() and keys.verify != "bearer":
        # Whoever signs passes on what strangers wrote: without an `ask` that is material, and no request.
        text, fields = "", {**fields, "text": text}
    return Delivery(
        rule=rule,
        text=text,
        fields={**_blanks(wanted, fields), **fields},
        files=files,
        delivery_id=proof.delivery_id,
        body_sha256=content.sha256 if proof.compares_body and proof.delivery_id else "",
        conversation=read.conversation,
        subject=read.subject,
        overrides=read.overrides,
    )


def read_ask(payload: Json) -> Read:
    """What was sent to the hook "ask", whose caller's text is the request itself. Raises Problem 400."""
    body = ask_body(payload)
    overrides = {
        name: value for name in ("system", "model", "max_tokens") if (value := getattr(body, name)) is not None
    }
    files = tuple(_file(file) for file in body.files)
    return Read(body.text or "", body.model_extra or {}, files, body.conversation or "", body.subject or "", overrides)


def read_any(payload: Json) -> Read:
    """What a payload of anybody's says by keys of ours, where they hold what ours do; all else is the rest."""
    if not isinstance(payload, dict):
        return Read(payload, None) if isinstance(payload, str) else Read("", payload)
    rest = dict(payload)
    files = _files(rest)
    said = {
        name: str(rest.pop(name)) if isinstance(value := rest.get(name), str) and len(value) <= most else ""
        for name, most in (("text", 10**9), ("conversation", LONGEST_NAME), ("subject", LONGEST_SUBJECT))
    }
    return Read(said["text"], rest, files, said["conversation"], said["subject"])


def fields_of(value: Json, wanted: Mapping[str, str]) -> dict[str, str]:
    """The values in it by their paths ("a.b.0.c"): the wanted ones, whole objects too, and the first 500 others.

    What lies below a path that no `ask` could name is left out.
    """
    names = set(wanted.values())
    found = {path: _shown(inner) for path, inner in _named("", value, names)}
    for path, inner in islice(_leaves("", value), MOST_FIELDS):
        found[path] = _shown(inner)
    return found


def _named(at: str, value: Json, names: set[str]) -> Iterator[tuple[str, Json]]:
    """The first value of each of these names, which are taken out of the set; only what leads to one is walked."""
    numbers = {int(number) for name in names for number in _NUMBER.findall(name)}
    for path, inner in _inside(at, value, numbers) if names else ():
        key = folded(path) if len(path) <= LONGEST_WANTED else None
        if key in names:
            names.discard(key)
            yield path, inner
        if key is not None and any(name.startswith(key) for name in names):
            yield from _named(path, inner, names)


def _leaves(at: str, value: Json) -> Iterator[tuple[str, Json]]:
    for path, inner in _inside(at, value):
        if isinstance(inner, dict | list):
            yield from _leaves(path, inner)
        else:
            yield path, inner


def _inside(at: str, value: Json, numbers: Collection[int] | None = None) -> Iterator[tuple[str, Json]]:
    """What an object or a list holds, by its paths; of a list only these numbers, where some are given."""
    pairs: Iterator[tuple[str, Json]] = iter(())
    if isinstance(value, dict):
        pairs = iter(value.items())
    elif isinstance(value, list) and numbers is not None:
        pairs = ((str(number), value[number]) for number in sorted(numbers) if number < len(value))
    elif isinstance(value, list):
        pairs = ((str(number), inner) for number, inner in enumerate(value))
    for name, inner in pairs:
        length = len(at) + 1 + len(name) if at else len(name)
        if length <= LONGEST_PATH:  # asked before they are joined: all that it holds would carry a long one along
            yield (f"{at}.{name}" if at else name), inner


def _shown(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _wanted(ask: str) -> dict[str, str]:
    """The names in braces of an `ask` that may be those of fields, as they are written and as they are compared."""
    names = [match[1].strip() for match in _BRACES.finditer(ask)]
    named = {name: folded(re.sub(r"^form\.", "", name, flags=re.IGNORECASE)) for name in names if _NAME.fullmatch(name)}
    return {name: key for name, key in named.items() if key not in KNOWN}


def _blanks(wanted: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """A blank for each wanted name that no field has, however either is written: its braces stand nowhere then."""
    had = {form(name) for name in fields for form in (folded, bare)}
    return {name: "" for name, key in wanted.items() if had.isdisjoint((key, bare(key)))}


def _with_material(read: Read, fields: Mapping[str, str], wanted: Mapping[str, str], *, is_asked: bool) -> Read:
    """Without a message, the whole payload is it, unless the rule's `ask` picks from it."""
    if not is_asked or _picked(fields, wanted) or not read.rest:
        return read
    rest = read.rest
    is_flat = isinstance(rest, dict) and all(isinstance(value, str) for value in rest.values())
    is_told = isinstance(rest, dict) and len(fields) == len(rest)  # else some were left out
    lines = "\n".join(f"{name}: {value}" for name, value in fields.items() if value)
    text = lines if is_flat and is_told else json.dumps(rest, ensure_ascii=False, indent=1)
    return Read(text, rest, read.files, read.conversation, read.subject, read.overrides)


def _picked(fields: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """The values of the fields that an `ask` names."""
    names = set(wanted.values())
    return [value for name, value in fields.items() if folded(name) in names] if names else []


def _demand_something(
    rule: Rule, text: str, fields: Mapping[str, str], files: tuple[File, ...], wanted: Mapping[str, str]
) -> None:
    if text.strip() or files:
        return
    is_fixed = bool(rule.ask.strip()) and not wanted and "{text}" not in rule.ask
    is_material = rule.of(WebhookRule).hook != ASK and not rule.ask.strip() and any(fields.values())
    if not (is_fixed or is_material or any(value.strip() for value in _picked(fields, wanted))):
        raise Problem(422, f"{NOTHING[:-1]}{f', or {next(iter(wanted))}' if wanted else ''}.")


def _files(rest: dict[str, Json]) -> tuple[File, ...]:
    """Files in base64, taken out of the payload; anything else by that name is a field like others."""
    try:
        found = _FILES.validate_python(rest.get("files", []))
    except ValidationError:
        return ()
    if len(found) > MOST_FILES:
        raise Problem(400, f"These are more than {MOST_FILES} files.")
    rest.pop("files", None)
    return tuple(_file(file) for file in found)


def _file(file: FileBody) -> File:
    return File(file.name, base64.b64decode(file.data))
