"""JSON from outside: what is sound is read, and whatever two readers could understand differently is refused."""

import pytest

from bot.web.problem import Problem
from triggers.webhook.json_body import MOST_DEPTH, parse_json

SOUND = [
    (b'{"a": [1, 2.5, true, null, "x"]}', {"a": [1, 2.5, True, None, "x"]}),
    (b'\xef\xbb\xbf{"a": "\xc3\xa9"}', {"a": "é"}),
    (b'"\\ud83d\\ude00"', "😀"),
    (b"[" * MOST_DEPTH + b"]" * MOST_DEPTH, None),
    (b"1" * 300, int("1" * 300)),
    (b"-0.0e5", 0.0),
]
MALFORMED = [
    b"", b"{", b"{'a': 1}", b'{"a": 1,}', b"nul", b"\xff", b'{"a": "\xff"}', "{}".encode("utf-16"), b"[1] 2",
    b"NaN", b'{"a": Infinity}', b"[-Infinity]", b"1e999", b"-1e999", b"1" * 5_000, b"0." + b"1" * 5_000,
    b'{"a": 1, "a": 2}', b'{"x": {"a": 1, "\\u0061": 2}}', b'"\\ud800"', b'{"\\udc00": 1}', b'["\\ude00\\ud83d"]',
    b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1), b"[" * 200_000, b'{"a":' * 200_000, b'"\x01"',
]  # fmt: skip


@pytest.mark.parametrize(("body", "value"), SOUND)
def test_sound_json_is_read(body, value):
    assert value is None or parse_json(body) == value
    parse_json(body)


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: ascii(body[:20]))
def test_what_is_not_sound_is_refused_in_one_sentence(body):
    with pytest.raises(Problem) as refused:
        parse_json(body)
    assert refused.value.status == 400
    assert refused.value.words.endswith(".")
