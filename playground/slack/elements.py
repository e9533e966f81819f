"""What Slack checks about the parts of a block: text objects, buttons, menus and their lengths.

Source: docs.slack.dev/reference/block-kit/block-elements and .../composition-objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from playground.slack.calls import Data

Fault = tuple[str, str]
"""A JSON pointer and Slack's words."""

KNOWN = frozenset({
    "button", "checkboxes", "datepicker", "timepicker", "datetimepicker", "feedback_buttons", "icon_button",
    "image", "static_select", "multi_static_select", "external_select", "multi_external_select", "users_select",
    "multi_users_select", "conversations_select", "multi_conversations_select", "channels_select",
    "multi_channels_select", "overflow", "radio_buttons", "workflow_button", "plain_text_input",
    "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input",
})  # fmt: skip


def check_text(
    text: Any, pointer: str, largest: int, kinds: tuple[str, ...] = ("mrkdwn", "plain_text")
) -> Iterator[Fault]:
    """The faults of a text object of at most `largest` characters."""
    if not isinstance(text, dict):
        yield pointer, "must be an object" if text is not None else "missing required field: text"
    elif text.get("type") not in kinds:
        yield f"{pointer}/type", f"unsupported type: {text.get('type')}"
    elif not isinstance(text.get("text"), str):
        yield pointer, "missing required field: text"
    elif not text["text"]:
        yield f"{pointer}/text", "must be more than 0 characters"
    elif len(text["text"]) > largest:
        yield f"{pointer}/text", f"must be less than {largest + 1} characters"


def check_element(element: Any, pointer: str) -> Iterator[Fault]:
    """The faults of an interactive element or image."""
    if not isinstance(element, dict):
        yield pointer, "must be an object"
        return
    kind = element.get("type")
    if kind not in KNOWN:
        yield f"{pointer}/type", f"unsupported type: {kind}"
        return
    yield from id_fault(element, "action_id", pointer)
    if kind in ("button", "icon_button"):
        yield from _button(element, pointer)
    if kind == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            yield from _feedback(element.get(name), f"{pointer}/{name}")


def elements_of(
    block: Data, pointer: str, largest: int, check: Callable[[Any, str], Iterator[Fault]]
) -> Iterator[Fault]:
    """The faults of a block's `elements`: present, not too many, each one right, no action_id twice."""
    elements = block.get("elements")
    if not isinstance(elements, list):
        yield pointer, "missing required field: elements"
        return
    if not elements:
        yield f"{pointer}/elements", "no fewer than 1 items allowed"
    if len(elements) > largest:
        yield f"{pointer}/elements", f"no more than {largest} items allowed"
    seen: set[str] = set()
    for number, element in enumerate(elements):
        yield from check(element, f"{pointer}/elements/{number}")
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if action_id in seen:
            yield f"{pointer}/elements/{number}/action_id", f"`action_id` {action_id} already exists for block"
        seen |= {action_id} if action_id else set()


def id_fault(part: Data, name: str, pointer: str) -> Iterator[Fault]:
    """The fault of a `block_id` or `action_id` beyond 255 characters."""
    if len(str(part.get(name, ""))) > 255:
        yield f"{pointer}/{name}", "must be less than 256 characters"


def _button(element: Data, pointer: str) -> Iterator[Fault]:
    yield from check_text(element.get("text"), f"{pointer}/text", 75, kinds=("plain_text",))
    if len(str(element.get("value", ""))) > 2000:
        yield f"{pointer}/value", "must be less than 2001 characters"
    if len(str(element.get("url", ""))) > 3000:
        yield f"{pointer}/url", "must be less than 3001 characters"
    if element.get("style") not in (None, "primary", "danger"):
        yield f"{pointer}/style", "failed to match all allowed schemas"


def _feedback(button: Any, pointer: str) -> Iterator[Fault]:
    if not isinstance(button, dict):
        yield pointer, "missing required field"
        return
    yield from check_text(button.get("text"), f"{pointer}/text", 75, kinds=("plain_text",))
    if not button.get("value"):
        yield pointer, "missing required field: value"
    elif len(str(button["value"])) > 2000:
        yield f"{pointer}/value", "must be less than 2001 characters"
