"""What a reader sees of a message is what Claude gets: every kind of block and attachment, once, in reading order."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from handlers.context.slack.markup import ids_in
from handlers.context.slack.message_text import parts_of, writings, written

NAMES = {"U1": "Anna", "U2": "Ben", "C1": "ops", "S1": "oncall", "UBOT": "Bellhop"}


def seen(message, names=NAMES, own_user="", zone=UTC):
    return written(parts_of(message), names, zone, own_user=own_user)


def section(*elements):
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words, **style):
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def rich(*parts):
    return {"type": "rich_text", "elements": list(parts)}


def raw_table(*rows, kind="table", **more):
    return {"type": kind, "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows], **more}


# --- the text alone


@pytest.mark.parametrize(
    ("writing", "shown"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt; stays", "&lt; stays"),
        ("ask <@U1> or <@U9|nina>", "ask @Anna or @nina"),
        ("in <#C1> and <#C2|deploys> and <#C3|>", "in #ops and #deploys and #C3"),
        (
            "<!subteam^S1> <!subteam^S2|@security> <!here> <!channel|@channel> <!everyone>",
            "@oncall @security @here @channel @everyone",
        ),
        ("<https://x.example/a?b=1&amp;c=2|the page>", "the page (https://x.example/a?b=1&c=2)"),
        ("<https://x.example/|x.example> <http://y.example>", "https://x.example/ http://y.example"),
        ("<mailto:a@b.example|a@b.example> <mailto:a@b.example|write us>", "a@b.example write us (a@b.example)"),
        ("<tel:+491234|+49 1234>", "+49 1234 (+491234)"),
        ("<!date^1764289800^Due {date_num} at {time}^https://x.example|soon>", "Due 2025-11-28 at 00:30"),
        ("<!date^nonsense^{date}|soon>", "soon"),
        ("vector<int> and <b>", "vector<int> and <b>"),
    ],
)
def test_slacks_writing_reads_as_in_slack(writing, shown):
    assert seen({"text": writing}) == shown


def test_a_date_stands_in_the_readers_zone():
    writing = "<!date^1764289800^{date_long} {time}|x>"
    assert seen({"text": writing}, zone=ZoneInfo("America/New_York")) == "Thursday, November 27, 2025 19:30"


def test_a_mention_of_us_is_said_only_within_a_sentence():
    assert (
        seen({"text": "<@UBOT> ask <@UBOT> what <@UBOT> can do"}, own_user="UBOT")
        == "ask @Bellhop what @Bellhop can do"
    )
    assert seen({"text": "<@UBOT>, hello"}, own_user="UBOT") == "hello"
    blocks = [rich(section({"type": "user", "user_id": "UBOT"}, text(" hi")))]
    assert seen({"text": "<@UBOT> hi", "blocks": blocks}, own_user="UBOT") == "hi"


# --- rich text


def test_rich_text_is_told_once_and_in_order():
    blocks = [
        rich(
            section(
                text("See "), {"type": "user", "user_id": "U1"}, text(" in "), {"type": "channel", "channel_id": "C1"}
            ),
            {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": [section(text("one"))]},
            {
                "type": "rich_text_list",
                "style": "ordered",
                "indent": 1,
                "elements": [section(text("a")), section(text("b"))],
            },
            {"type": "rich_text_list", "style": "ordered", "offset": 4, "elements": [section(text("five"))]},
            {"type": "rich_text_quote", "elements": [text("said\nbefore")]},
            {"type": "rich_text_preformatted", "elements": [text("if a < b:\n    pass")]},
            section(text("end "), {"type": "emoji", "name": "tada"}, {"type": "usergroup", "usergroup_id": "S1"}),
        )
    ]
    assert seen({"text": "the same in other words", "blocks": blocks}) == (
        "See @Anna in #ops\n- one\n  1. a\n  2. b\n5. five\n> said\n> before\n"
        "```\nif a < b:\n    pass\n```\nend :tada:@oncall"
    )


def test_all_small_elements_of_rich_text_have_words():
    elements = [
        {"type": "link", "url": "https://x.example/a|b", "text": "odd"},
        text(" "),
        {"type": "link", "url": "https://x.example", "text": "site"},
        text(" "),
        {"type": "broadcast", "range": "here"},
        text(" "),
        {"type": "date", "timestamp": 1764289800, "format": "{date_num}", "fallback": "then"},
        text(" "),
        {"type": "color", "value": "#F405B3"},
        text(" "),
        text("old ", strike=True),
        text("rm -rf", code=True),
        text(" now", bold=True),
    ]
    shown = seen({"blocks": [rich(section(*elements))]})
    assert shown == "odd site (https://x.example) @here 2025-11-28 #F405B3 ~~old~~ `rm -rf` now"


def test_labels_of_the_text_name_what_the_blocks_only_point_at():
    blocks = [rich(section({"type": "channel", "channel_id": "C7"}, {"type": "usergroup", "usergroup_id": "S7"}))]
    assert seen({"text": "<#C7|plans> <!subteam^S7|@sales>", "blocks": blocks}) == "#plans@sales"


# --- other blocks


def test_an_alert_of_blocks_is_read_from_top_to_bottom_and_its_buttons_are_left_out():
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Disk &amp; memory full"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*db1* is at 97 %"},
            "fields": [{"type": "mrkdwn", "text": "*Region*\neu-1"}, {"type": "plain_text", "text": "Since 12:01"}],
            "accessory": {"type": "button", "text": {"type": "plain_text", "text": "Acknowledge"}, "action_id": "x"},
        },
        {"type": "divider"},
        {
            "type": "image",
            "image_url": "https://x.example/g.png",
            "alt_text": "graph of db1",
            "title": {"type": "plain_text", "text": "Usage"},
        },
        {
            "type": "context",
            "elements": [
                {"type": "image", "image_url": "u", "alt_text": "icon"},
                {"type": "mrkdwn", "text": "from <https://g.example|Grafana>"},
            ],
        },
        {
            "type": "actions",
            "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Snooze"}, "action_id": "y"}],
        },
    ]
    shown = seen({"text": "Disk full on db1 (fallback)", "blocks": blocks, "bot_id": "B1"})
    assert shown == (
        "Disk & memory full\n*db1* is at 97 %\n*Region*\neu-1\nSince 12:01\n---\n[image: Usage: graph of db1]\n"
        "[image: icon] from Grafana (https://g.example)"
    )


def test_tables_are_rows():
    cell = rich(section(text("a | b")))
    blocks = [
        raw_table(("Name", "Age"), ("Anna", "42")),
        {"type": "table", "rows": [[cell, {"type": "raw_text", "text": "x\ny"}], [None]]},
    ]
    assert (
        seen({"text": "", "blocks": blocks})
        == "| Name | Age |\n| --- | --- |\n| Anna | 42 |\n| a \\| b | x y |\n| --- | --- |\n|  |  |"
    )


def test_a_pasted_table_in_an_attachment_is_the_persons_own():
    message = {
        "text": "which row is wrong?",
        "blocks": [rich(section(text("which row is wrong?")))],
        "attachments": [
            {"id": 1, "blocks": [raw_table(("Item", "Price"), ("Tea", "3"))], "fallback": "[no preview available]"}
        ],
    }
    assert seen(message) == "which row is wrong?\n\n| Item | Price |\n| --- | --- |\n| Tea | 3 |"


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"type": "markdown", "text": "# A\nask <@U1>: a < b & c"}, "# A\nask @Anna: a < b & c"),
        (
            {
                "type": "video",
                "title": {"type": "plain_text", "text": "Intro"},
                "title_url": "https://v.example",
                "provider_name": "Vid",
                "description": {"type": "plain_text", "text": "how to"},
                "alt_text": "x",
            },
            "[video: Intro] https://v.example\nVid\nhow to",
        ),
        (
            {
                "type": "input",
                "label": {"type": "plain_text", "text": "Why?"},
                "element": {"type": "plain_text_input", "initial_value": "so"},
            },
            "Why?: so",
        ),
        ({"type": "file", "source": "remote", "file": {"title": "plan.pdf"}}, "[file: plan.pdf]"),
        (
            raw_table(("Month", "Sum"), ("May", "7"), kind="data_table", caption="Sales"),
            "Sales\n| Month | Sum |\n| --- | --- |\n| May | 7 |",
        ),
        ({"type": "alert", "text": {"type": "mrkdwn", "text": "Careful"}, "level": "warning"}, "Careful"),
        (
            {
                "type": "card",
                "title": {"type": "mrkdwn", "text": "T"},
                "subtitle": {"type": "mrkdwn", "text": "S"},
                "body": {"type": "mrkdwn", "text": "B"},
                "actions": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}],
            },
            "T\nS\nB",
        ),
        ({"type": "carousel", "elements": [{"type": "card", "title": {"type": "mrkdwn", "text": "one"}}]}, "one"),
        (
            {
                "type": "plan",
                "title": "Plan",
                "tasks": [
                    {"type": "task_card", "title": "Dig", "status": "complete", "details": rich(section(text("deep")))}
                ],
            },
            "Plan\nDig\ndeep\ncomplete",
        ),
        (
            {
                "type": "container",
                "title": {"type": "plain_text", "text": "Box"},
                "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "In"}}],
            },
            "Box\nIn",
        ),
        ({"type": "never_seen", "text": {"type": "mrkdwn", "text": "new"}}, "new"),
        ({"type": "call", "call": {"v1": {"name": "Standup"}}}, "[call: Standup]"),
    ],
)
def test_every_other_block_says_its_words(block, words):
    assert seen({"text": "", "blocks": [block]}) == words


def test_blocks_that_only_can_be_pressed_leave_the_text():
    button = {
        "type": "actions",
        "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "g"}],
    }
    assert seen({"text": "ready?", "blocks": [button]}) == "ready?"


@pytest.mark.parametrize(
    "blocks",
    [
        None,
        "x",
        7,
        [
            None,
            "x",
            {},
            {"type": None},
            {"type": "section", "text": 5},
            {"type": "table", "rows": "x"},
            {"type": "rich_text", "elements": [None, {"type": "rich_text_list", "elements": "x", "indent": "y"}]},
        ],
    ],
)
def test_what_is_no_block_says_nothing(blocks):
    assert seen({"text": "hello", "blocks": blocks, "attachments": [None, "x"], "files": "y"}) == "hello"


def test_what_is_nested_without_an_end_ends():
    inner = {"type": "rich_text_section", "elements": [text("deep")]}
    for _ in range(500):
        inner = {"type": "rich_text_section", "elements": [inner]}
    assert isinstance(seen({"text": "x", "blocks": [rich(inner)]}), str)


# --- attachments


def forward(**more):
    message = {
        "blocks": [rich(section(text("The build is red since "), {"type": "user", "user_id": "U2"}, text(" left")))]
    }
    return {
        "id": 1,
        "is_msg_unfurl": True,
        "is_share": True,
        "from_url": "https://x.slack.com/archives/C1/p1",
        "ts": "1764289800.000100",
        "author_id": "U1",
        "author_name": "Anna Arendt",
        "channel_id": "C1",
        "fallback": "[November 28th] Anna: The build is red",
        "text": "The build is red since <@U2> left",
        "message_blocks": [{"team": "T1", "channel": "C1", "ts": "1", "message": message}],
        "footer": "Posted in #ops",
        **more,
    }


def test_a_forwarded_message_is_fenced_with_its_author_place_and_time_and_told_once():
    shown = seen({"text": "what now?", "blocks": [rich(section(text("what now?")))], "attachments": [forward()]})
    first, opening, words, closing = shown.replace("\n\n", "\n").split("\n")
    assert (first, words) == ("what now?", "The build is red since @Ben left")
    assert opening.startswith("<message-")
    assert 'sender="Anna Arendt" channel="#ops" sent="Friday, 28 November 2025, 00:30"' in opening
    assert closing.startswith("</message-")


def test_a_forward_without_blocks_without_a_name_and_without_words():
    bare = {"is_share": True, "author_id": "U1", "channel_id": "C9", "text": "plain <@U2>", "fallback": "[x] plain"}
    shown = seen({"text": "", "attachments": [bare]})
    assert 'sender="Anna"' in shown
    assert "\nplain @Ben\n" in shown
    assert seen({"text": "", "attachments": [{"is_share": True, "fallback": "[no preview available]"}]}) == ""
    only = seen(
        {"text": "", "attachments": [{"is_share": True, "author_name": "Zoe", "fallback": "[Nov 1st] Zoe: hi"}]}
    )
    assert "Zoe: hi" in only


def test_a_forwarded_alert_keeps_its_own_attachments_fields_files_and_what_it_forwards():
    alert = {
        "text": "",
        "attachments": [{"title": "CPU high", "fields": [{"title": "Host", "value": "db1"}], "fallback": "CPU high"}],
    }
    outer = forward(
        text="",
        message_blocks=[{"message": {**alert, "attachments": [*alert["attachments"], forward(text="x")]}}],
        files=[{"name": "graph.png"}],
    )
    shown = seen({"text": "", "attachments": [outer]})
    assert "CPU high\nHost: db1" in shown
    assert "[file: graph.png]" in shown
    assert shown.count("<message-") == 2
    assert shown.count("The build is red") == 1


def test_a_link_shows_its_page_which_is_fenced():
    page = {
        "from_url": "https://n.example/1",
        "original_url": "https://n.example/1",
        "service_name": "News",
        "title": "Rain",
        "title_link": "https://n.example/1",
        "text": "It &amp; more rains",
        "fallback": "News: Rain",
    }
    shown = seen({"text": "so? <https://n.example/1>", "attachments": [page]})
    assert shown.startswith("so? https://n.example/1\n\n<preview-")
    assert 'site="News" url="https://n.example/1"' in shown
    assert shown.count("Rain") == 1
    assert "It & more rains" in shown


def test_an_alert_of_the_old_kind_says_all_its_fields_once():
    alert = {
        "color": "danger",
        "fallback": "db1 down",
        "pretext": "New incident",
        "author_name": "PagerDuty",
        "title": "db1 down",
        "title_link": "https://pd.example/7",
        "text": "no heartbeat",
        "fields": [
            {"title": "Severity", "value": "high", "short": True},
            {"title": "Host", "value": "<https://h.example|db1>"},
        ],
        "footer": "eu-1",
        "ts": 1764289800,
        "actions": [{"type": "button", "text": "Resolve"}],
    }
    assert seen({"text": "", "bot_id": "B1", "subtype": "bot_message", "attachments": [alert]}) == (
        "New incident\nPagerDuty\ndb1 down (https://pd.example/7)\nno heartbeat\nSeverity: high\nHost: db1 (https://h.example)\neu-1"
    )


def test_the_fallback_counts_only_when_nothing_else_is_there():
    assert seen({"text": "", "attachments": [{"fallback": "build 7 failed"}]}) == "build 7 failed"
    assert seen({"text": "", "attachments": [{"fallback": "x", "text": "build 7 failed"}]}) == "build 7 failed"
    assert seen({"text": "", "attachments": [{"fallback": "[no preview available]"}]}) == ""


def test_what_text_and_attachment_both_say_is_said_once():
    assert (
        seen({"text": "db1 down", "attachments": [{"pretext": "db1 down", "text": "no heartbeat"}]})
        == "db1 down\nno heartbeat"
    )
    assert seen({"text": "db1 down", "attachments": [{"text": "db1 down"}]}) == "db1 down"


def test_a_voice_clip_is_the_words_of_who_recorded_it():
    clip = {
        "name": "audio_message.m4a",
        "subtype": "slack_audio",
        "transcription": {
            "status": "complete",
            "locale": "en-US",
            "preview": {"content": "What is 2 < 3?", "has_more": False},
        },
    }
    assert seen({"text": "", "files": [clip]}) == "[voice clip, transcribed by Slack] What is 2 < 3?"


def test_every_id_is_found_wherever_it_stands():
    message = {"text": "<@U5> <#C6|known> <!subteam^S6>", "attachments": [forward(author_name="", channel_id="C8")]}
    assert ids_in(writings(parts_of(message))) == {"U5", "S6", "U1", "U2", "C8"}
