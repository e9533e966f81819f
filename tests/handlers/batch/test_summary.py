"""What `bot batch` says before it asks: kinds, faults, what is done, and what the rest costs by night and by day."""

from datetime import UTC, datetime

from bot.doors.folder.rule import FolderRule
from bot.events import Event, HttpCaller, Receipt, Usage
from bot.payments import AnswerLength
from bot.rules.rule import Rule
from handlers.batch.documents import Found
from handlers.batch.summary import batch_words, faults_in_words, summary, watched_words
from handlers.claude.forecast import Forecast

CALL = Forecast("claude-sonnet-5-5", Usage(9_000, 8_192), Usage(1_000, 600))
WHEN = datetime(2026, 11, 29, tzinfo=UTC)


def found(name, **more):
    event = Event(name, "batch", "bot batch", "", name, WHEN, name, HttpCaller("x"))
    return Found(name, 1_000_000, event, "text", **more)


def receipt(name, state):
    return Receipt(id=name, source="batch", rule="bot batch", subject=name, conversation=name, state=state,
                   received_at=WHEN, person="", reason="", code="")  # fmt: skip


def test_nothing_is_priced_once_all_is_on_its_way():
    good = [found("a", call=CALL), found("b", call=CALL)]
    told = summary(good, [], {"a": receipt("a", "answered"), "b": receipt("b", "waiting")}, None)
    assert told == "2 documents (2.0 MB): 2 text\n1 are answered already, 1 are on their way."


def test_what_is_left_has_a_price():
    good = [found("a", call=CALL), found("b", call=CALL)]
    told = summary(good, good[1:], {"a": receipt("a", "answered")}, AnswerLength(50, 3))
    assert told.splitlines()[2].startswith("To ask 1 costs about $0.0013 by night")


def test_what_cannot_be_read_is_named_the_first_ones():
    told = faults_in_words([found(str(number), fault="It is empty.") for number in range(12)])
    assert told.splitlines()[:2] == ["12 cannot be read:", "  0: It is empty."]
    assert told.splitlines()[-1] == "  … and 2 more, in the report"
    assert faults_in_words([found("a")]) == ""


def test_of_a_batch_the_range_is_that_of_the_night():
    assert batch_words([CALL, CALL], None) == (
        "To ask 2 costs about $0.0040 by night (within 24 hours), $0.0080 by day. "
        "Nobody knows yet how long the answers are: a few words each come to $0.0022 by night, a page each to $0.0120."
    )
    assert batch_words([CALL], AnswerLength(50, 3)) == (
        "To ask 1 costs about $0.0013 by night (within 24 hours), $0.0025 by day. "
        "Answers are taken to be as long as the last 3 were."
    )


def test_a_folder_that_is_watched_as_well_is_named_with_its_rule(tmp_path):
    rules = [Rule("letters", "folder", options=FolderRule(path=str(tmp_path / "in")))]
    assert watched_words(str(tmp_path / "other"), rules) == ""
    for root in (tmp_path, tmp_path / "in", tmp_path / "in" / "deep"):
        assert 'by rule "letters"' in watched_words(str(root), rules)
