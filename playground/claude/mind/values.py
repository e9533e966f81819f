"""Structured answers: values that fit a JSON schema, chosen from the words of the input."""

from __future__ import annotations

import re
from typing import Any

from playground.claude.mind.facts import first_line, key_words, numbers, words

MAX_DEPTH = 8
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_URI = re.compile(r"https?://[^\s<>\"]+")
_YES = frozenset({"yes", "true", "urgent", "asap", "must", "important"})
_COUNTED = frozenset({"amount", "count", "number", "quantity", "pieces"})
_ANSWERS = frozenset({"answer", "reply", "response"})
_ASKS = re.compile(r"\?|^(how|what|when|where|who|why|which|do|does|can|is|are)\b")
_FIXED = {
    "time": "12:00:00Z",
    "duration": "P1D",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def value_for(schema: dict[str, Any], text: str) -> Any:
    """A value that is valid for `schema` and says something about `text`."""
    return _Chooser(text, schema.get("$defs") or {}).value(schema, "", 0)


def reply(text: str) -> str:
    """A line to somebody who orders, complains or asks, made of what they wrote."""
    line = first_line(text, 200)
    known = {word.lower() for word in words(line)}
    when = "today" if known & _YES else "soon"
    matter = re.split(r"\bquestion\b:?|:", line, maxsplit=1)[-1].strip(" ,.") or line
    if known & {"complaint", "broken", "wrong"}:
        return f"We are sorry. You hear from us {when} about this: {matter}."
    if known & {"order", "buy"} and (found := re.search(r"\d.*", line)):
        return f"Thank you, noted: {found.group().rstrip('.')}."
    if "question" in known or _ASKS.search(line.lower()):
        return f"Thank you for asking. You hear from us {when}: {matter}"
    return f"Noted: {line}"


class _Chooser:
    def __init__(self, text: str, defs: dict[str, Any]) -> None:
        self._text = text
        self._words = {word.lower() for word in words(text)}
        self._defs = defs

    def value(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        if "$ref" in schema:
            return self.value(self._defs[schema["$ref"].rsplit("/", 1)[-1]], name, depth + 1)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._one_of(schema["enum"])
        if "anyOf" in schema:
            return self.value(self._alternative(schema["anyOf"], depth), name, depth + 1)
        if "allOf" in schema:
            merged = {key: value for part in schema["allOf"] for key, value in part.items()}
            return self.value(merged, name, depth + 1)
        return self._typed(schema, name, depth)

    def _typed(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        kind = schema["type"]
        kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
        if kind == "object":
            return {key: self.value(part, key, depth + 1) for key, part in (schema.get("properties") or {}).items()}
        if kind == "array":
            return self._items(schema, name, depth)
        if kind == "string":
            return self._string(schema, name)
        if kind == "boolean":
            return bool(self._words & (_YES | {word.lower() for word in words(name.replace("_", " "))}))
        if kind == "integer":
            return self._integer(0 if name.lower() in _COUNTED else 3)
        return {"number": self._number}.get(kind, lambda: None)()

    def _one_of(self, options: list[Any]) -> Any:
        lowered = self._text.lower()
        if "question" in options and _ASKS.search(lowered) and not set(map(str, options)) & self._words:
            return "question"
        named = [option for option in options if isinstance(option, str) and option.lower() in self._words]
        held = [option for option in options if isinstance(option, str) and option and option.lower() in lowered]
        return (named or held or options)[0]

    def _alternative(self, options: list[dict[str, Any]], depth: int) -> dict[str, Any]:
        empty = [option for option in options if option.get("type") == "null"]
        full = [option for option in options if option.get("type") != "null"]
        return (empty or full)[0] if depth > MAX_DEPTH else (full or empty)[0]

    def _items(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        part = schema.get("items") or {"type": "string"}
        if depth > MAX_DEPTH:
            return []
        if part.get("type") == "string" and not {"enum", "const", "format"} & set(part):
            return key_words(self._text, 3) or ["none"]
        return [self.value(part, name, depth + 1)]

    def _integer(self, plain: int) -> int:
        """The first whole number that is no part of a date, a decimal or an invoice's number."""
        found = re.search(r"(?<![\w/.,-])-?\d{1,15}(?![\w/-]|[.,]\d)", self._text)
        return int(found.group()) if found else plain

    def _number(self) -> float:
        found = numbers(self._text)
        plain = re.sub(r",(?=\d{3}\b)", "", found[0]).replace(",", ".") if found else "3.0"
        return float(plain) if re.fullmatch(r"[-+]?\d{1,15}(\.\d+)?", plain) else 3.0

    def _string(self, schema: dict[str, Any], name: str) -> str:
        kind = schema.get("format")
        if kind in {"date", "date-time"}:
            found = _DATE.search(self._text)
            day = found.group() if found else "2026-01-15"
            return day if kind == "date" else f"{day}T12:00:00Z"
        if kind in {"email", "uri"}:
            match = (_MAIL if kind == "email" else _URI).search(self._text)
            return match.group() if match else {"email": "nobody@example.com", "uri": "https://example.com/"}[kind]
        if kind:
            return _FIXED[kind]
        if name.lower() in _ANSWERS and self._text.strip():
            return reply(self._text)
        return first_line(self._text, 200) or name or "nothing was said"
