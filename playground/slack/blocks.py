"""What Slack checks about blocks: types, required fields, lengths and counts.

`check_blocks` answers as chat.postMessage does. Source: docs.slack.dev/reference/block-kit/blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from playground.slack.calls import ApiError, Data
from playground.slack.elements import Fault, check_element, check_text, elements_of, id_fault

MARKDOWN = 12_000
"""Characters of all markdown blocks of one payload together."""
BLOCKS = 50
TABLE_ROWS, TABLE_COLUMNS, TABLE_TEXT = 100, 20, 10_000

Checker = Callable[[Data, str], Iterator[Fault]]


def check_blocks(blocks: list[Any], *, largest: int = BLOCKS, markdown: int = MARKDOWN) -> None:
    """Raise invalid_blocks, msg_blocks_too_many or msg_blocks_too_long with Slack's words and JSON pointers."""
    if len(blocks) > largest:
        raise _refusal("msg_blocks_too_many", [f"no more than {largest} items allowed [json-pointer:/blocks]"])
    faults = [fault for number, block in enumerate(blocks) for fault in _block_faults(block, f"/blocks/{number}")]
    faults += _same_ids(blocks)
    if faults:
        raise _refusal("invalid_blocks", [f"{words} [json-pointer:{pointer}]" for pointer, words in faults])
    if markdown_length(blocks) > markdown:
        raise ApiError("msg_blocks_too_long")


def markdown_length(blocks: list[Any]) -> int:
    """Characters in all markdown blocks together."""
    return sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")


def _refusal(error: str, messages: list[str]) -> ApiError:
    words = {"messages": [f"[ERROR] {message}" for message in messages]}
    return ApiError(error, errors=messages, response_metadata=words)


def _block_faults(block: Any, pointer: str) -> Iterator[Fault]:
    if not isinstance(block, dict):
        yield pointer, "must be an object"
        return
    kind = block.get("type")
    if not kind:
        yield pointer, "missing required field: type"
    elif kind not in CHECKERS:
        yield f"{pointer}/type", f"unsupported type: {kind}"
    else:
        yield from id_fault(block, "block_id", pointer)
        yield from CHECKERS[kind](block, pointer)


def _same_ids(blocks: list[Any]) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for number, block in enumerate(blocks):
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if block_id in seen:
            faults.append((f"/blocks/{number}/block_id", f"`block_id` {block_id} already exists"))
        seen |= {block_id} if block_id else set()
    return faults


def _section(block: Data, pointer: str) -> Iterator[Fault]:
    fields = block.get("fields") or []
    if "text" not in block and not fields:
        yield pointer, "missing required field: text or fields"
    if "text" in block:
        yield from check_text(block["text"], f"{pointer}/text", 3000)
    if len(fields) > 10:
        yield f"{pointer}/fields", "no more than 10 items allowed"
    for number, one in enumerate(fields):
        yield from check_text(one, f"{pointer}/fields/{number}", 2000)
    if "accessory" in block:
        yield from check_element(block["accessory"], f"{pointer}/accessory")


def _header(block: Data, pointer: str) -> Iterator[Fault]:
    yield from check_text(block.get("text"), f"{pointer}/text", 150, kinds=("plain_text",))


def _markdown(block: Data, pointer: str) -> Iterator[Fault]:
    text = block.get("text")
    if not isinstance(text, str):
        yield pointer, "missing required field: text"
    elif not text:
        yield f"{pointer}/text", "must be more than 0 characters"


def _actions(block: Data, pointer: str) -> Iterator[Fault]:
    yield from elements_of(block, pointer, 25, check_element)


def _context(block: Data, pointer: str) -> Iterator[Fault]:
    def check(element: Any, where: str) -> Iterator[Fault]:
        if isinstance(element, dict) and element.get("type") == "image":
            yield from check_element(element, where)
        else:
            yield from check_text(element, where, 3000)

    yield from elements_of(block, pointer, 10, check)


def _context_actions(block: Data, pointer: str) -> Iterator[Fault]:
    yield from elements_of(block, pointer, 5, check_element)


def _image(block: Data, pointer: str) -> Iterator[Fault]:
    if not block.get("image_url") and not block.get("slack_file"):
        yield pointer, "missing required field: image_url"
    if not block.get("alt_text"):
        yield pointer, "missing required field: alt_text"
    for name, largest in (("image_url", 3000), ("alt_text", 2000)):
        if len(str(block.get(name, ""))) > largest:
            yield f"{pointer}/{name}", f"must be less than {largest + 1} characters"


def _rich_text(block: Data, pointer: str) -> Iterator[Fault]:
    known = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")
    elements = block.get("elements")
    if not isinstance(elements, list):
        yield pointer, "missing required field: elements"
        return
    for number, element in enumerate(elements):
        if not isinstance(element, dict) or element.get("type") not in known:
            yield f"{pointer}/elements/{number}", "unsupported type"


def _table(block: Data, pointer: str) -> Iterator[Fault]:
    rows = block.get("rows")
    if not isinstance(rows, list) or not rows:
        yield pointer, "missing required field: rows"
        return
    if len(rows) > TABLE_ROWS:
        yield f"{pointer}/rows", f"no more than {TABLE_ROWS} items allowed"
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) > TABLE_COLUMNS:
            yield f"{pointer}/rows/{number}", f"no more than {TABLE_COLUMNS} items allowed"
    if sum(len(str(cell.get("text", ""))) for row in rows for cell in row if isinstance(cell, dict)) > TABLE_TEXT:
        yield f"{pointer}/rows", f"must be less than {TABLE_TEXT + 1} characters"


def _required(*names: str) -> Checker:
    def check(block: Data, pointer: str) -> Iterator[Fault]:
        for name in names:
            if not block.get(name):
                yield pointer, f"missing required field: {name}"

    return check


CHECKERS: dict[str, Checker] = {
    "actions": _actions,
    "alert": _required("text"),
    "card": _required(),
    "carousel": _required("elements"),
    "container": _required(),
    "context": _context,
    "context_actions": _context_actions,
    "divider": _required(),
    "file": _required("external_id", "source"),
    "header": _header,
    "image": _image,
    "input": _required("label", "element"),
    "markdown": _markdown,
    "plan": _required("title"),
    "rich_text": _rich_text,
    "section": _section,
    "table": _table,
    "task_card": _required("task_id", "title"),
    "video": _required("alt_text", "title", "thumbnail_url", "video_url"),
}
