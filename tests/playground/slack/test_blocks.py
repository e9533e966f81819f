"""The tests of what Slack refuses in blocks, and with which words."""

import pytest

from playground.slack.blocks import check_blocks
from playground.slack.calls import ApiError


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def button(**changes):
    return {"type": "button", "action_id": "a", "text": plain("Stop"), "value": "1", **changes}


def actions(*elements, **changes):
    return {"type": "actions", "elements": list(elements), **changes}


GOOD = [
    {"type": "section", "text": mrkdwn("x" * 3000), "fields": [plain("y" * 2000)], "accessory": button()},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "markdown", "text": "x"},
    {"type": "divider"},
    {
        "type": "context",
        "elements": [mrkdwn("small"), {"type": "image", "image_url": "https://x/y.png", "alt_text": "y"}],
    },
    {"type": "image", "image_url": "https://x/y.png", "alt_text": "y"},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]},
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
    actions(button(text=plain("x" * 75), value="x" * 2000, action_id="x" * 255, style="danger"), block_id="b" * 255),
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "vote",
                "positive_button": {"text": plain("👍"), "value": "up"},
                "negative_button": {"text": plain("👎"), "value": "down"},
            }
        ],
    },
]

BAD = [
    ({"type": "section"}, "missing required field: text or fields [json-pointer:/blocks/0]"),
    (
        {"type": "section", "text": mrkdwn("x" * 3001)},
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    ({"type": "section", "text": mrkdwn("")}, "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ({"type": "section", "fields": [plain("x" * 2001)]}, "must be less than 2001 characters"),
    ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters"),
    ({"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    ({"type": "markdown"}, "missing required field: text"),
    ({"type": "markdown", "text": ""}, "must be more than 0 characters"),
    ({"type": "poem"}, "unsupported type: poem [json-pointer:/blocks/0/type]"),
    ({}, "missing required field: type"),
    ("words", "must be an object"),
    (actions(), "no fewer than 1 items allowed"),
    (actions(*[button(action_id=str(n)) for n in range(26)]), "no more than 25 items allowed"),
    (actions(button(), button()), "`action_id` a already exists for block"),
    (actions(button(text=plain("x" * 76))), "must be less than 76 characters"),
    (actions(button(value="x" * 2001)), "must be less than 2001 characters"),
    (actions(button(action_id="x" * 256)), "must be less than 256 characters"),
    (actions(button(style="loud")), "failed to match all allowed schemas"),
    (actions(button(), block_id="b" * 256), "must be less than 256 characters"),
    (actions({"type": "lever"}), "unsupported type: lever"),
    ({"type": "image", "image_url": "https://x/y.png"}, "missing required field: alt_text"),
    ({"type": "table", "rows": [[]] * 101}, "no more than 100 items allowed"),
    ({"type": "table", "rows": [[{}] * 21]}, "no more than 20 items allowed"),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_a_right_block_passes(block):
    check_blocks([block])


@pytest.mark.parametrize(("block", "words"), BAD)
def test_a_wrong_block_is_refused_with_a_reason(block, words):
    with pytest.raises(ApiError) as caught:
        check_blocks([block])
    assert caught.value.error == "invalid_blocks"
    assert any(words in message for message in caught.value.body["response_metadata"]["messages"])


def test_no_block_id_twice():
    with pytest.raises(ApiError, match="invalid_blocks"):
        check_blocks([{"type": "divider", "block_id": "same"}, {"type": "divider", "block_id": "same"}])


def test_fifty_blocks_are_the_most():
    check_blocks([{"type": "divider"}] * 50)
    with pytest.raises(ApiError, match="msg_blocks_too_many"):
        check_blocks([{"type": "divider"}] * 51)
