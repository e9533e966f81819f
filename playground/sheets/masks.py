"""The `fields` mask: which parts of a response the caller wants, or of a change it brings.

Source: https://developers.google.com/workspace/sheets/api/guides/field-masks
"""

from __future__ import annotations

import re
from typing import Any

from playground.sheets.refusals import bad_mask
from playground.sheets.shapes import messages

Mask = dict[str, "Mask"]
_TOKEN = re.compile(r"[A-Za-z0-9_*]+|[(),./]")


def parse(text: str) -> Mask:
    """`a,b(c,d/e)` as a tree: {"a": {}, "b": {"c": {}, "d": {"e": {}}}}. Raises Refused for what is no mask."""
    tokens = _TOKEN.findall(text.replace(" ", ""))
    if "".join(tokens) != text.replace(" ", ""):
        raise bad_mask(text)
    mask, at = _group(tokens, 0, text)
    if at != len(tokens):
        raise bad_mask(text)
    return mask


def _group(tokens: list[str], at: int, text: str) -> tuple[Mask, int]:
    mask: Mask = {}
    while at < len(tokens) and tokens[at] != ")":
        node, at = _path(mask, tokens, at, text)
        if at < len(tokens) and tokens[at] == "(":
            inner, at = _group(tokens, at + 1, text)
            if at >= len(tokens):
                raise bad_mask(text)
            node.update(inner)
            at += 1
        if at < len(tokens) and tokens[at] == ",":
            at += 1
    return mask, at


def _path(mask: Mask, tokens: list[str], at: int, text: str) -> tuple[Mask, int]:
    node = mask
    while at < len(tokens):
        if not re.fullmatch(r"[A-Za-z0-9_*]+", tokens[at]):
            raise bad_mask(text)
        node = node.setdefault(_camel(tokens[at]), {})
        at += 1
        if at >= len(tokens) or tokens[at] not in {".", "/"}:
            break
        at += 1
    return node, at


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def check(mask: Mask, message: str, path: str = "") -> None:
    """Raises Refused when the mask names a field that the message does not have."""
    fields = messages().get(message)
    if fields is None:
        return
    for name, inner in mask.items():
        if name == "*":
            continue
        if name not in fields:
            raise bad_mask(path + name)
        check(inner, fields[name].strip("[]"), f"{path}{name}.")


def masked(data: Any, mask: Mask) -> Any:
    """The parts of `data` that the mask names; an empty mask is all of it."""
    if not mask or "*" in mask:
        return data
    if isinstance(data, list):
        return [masked(part, mask) for part in data]
    if isinstance(data, dict):
        return {name: masked(part, mask[name]) for name, part in data.items() if name in mask}
    return data


def wants(mask: Mask, *path: str) -> bool:
    """Whether the mask covers this path, itself or through something above it."""
    for name in path:
        if "*" in mask:
            return True
        if name not in mask:
            return False
        mask = mask[name]
        if not mask:
            return True
    return True
