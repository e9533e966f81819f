"""The tests of the client beside answering: counting, checking, importing late, and the whole handler."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import Refused, TryAgain
from bot.rules.rule import Rule, RuleBook
from bot.wiring import known
from handlers.answer import AnswerHandler
from handlers.claude import Claude
from handlers.claude.verdict import wait_s
from playground.claude import Fault
from tests.handlers.claude.conftest import ask_of
from tests.handlers.test_answer import NotedReply
from tests.handlers.test_prompt import event_of

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "odd", "retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers, seconds):
    assert wait_s(headers, NOW) == seconds


async def test_tokens_are_counted_with_the_same_question(claude, stand_in):
    assert await claude.count_tokens(ask_of("word " * 100)) > 50
    assert stand_in.requests[0].path.endswith("count_tokens")


async def test_counting_tells_passing_faults_from_final_ones(claude, stand_in):
    stand_in.fault(Fault("status", status=529, path="/v1/messages/count_tokens"))
    with pytest.raises(TryAgain):
        await claude.count_tokens(ask_of())
    with pytest.raises(Refused):
        await claude.count_tokens(ask_of(model="claude-none"))


async def test_a_working_key_and_model_are_found_fine(claude):
    findings = await claude.check(["claude-opus-5-5"])
    assert [(finding.subject, finding.ok) for finding in findings] == [
        ("API key", True),
        ("model claude-sonnet-5-5", True),
        ("model claude-opus-5-5", True),
    ]


async def test_a_model_about_to_retire_is_said_to_be(claude):
    assert "retires on 2026-11-30" in (await claude.check(["claude-sonnet-4-5"]))[2].words


async def test_an_unknown_model_is_found_with_those_there_are(claude):
    finding = (await claude.check(["claude-none"]))[2]
    assert not finding.ok
    assert "claude-haiku-5-5" in finding.fix


async def test_a_wrong_and_a_missing_key_are_found_with_the_page_where_keys_are_made(settings, stand_in):
    for key in ("sk-ant-wrong", None):
        claude = Claude(type(settings)(**{**settings.model_dump(), "anthropic_api_key": key}))
        (finding,) = await claude.check()
        assert not finding.ok
        assert f"{finding.words} {finding.fix}".count("https://console.anthropic.com/settings/keys") == 1
        assert "sk-ant-wrong" not in str(finding)
        await claude.aclose()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "no-address"])
async def test_an_address_nobody_answers_at_is_found(settings, url):
    claude = Claude(settings.model_copy(update={"anthropic_base_url": url}))
    (finding,) = await claude.check()
    assert not finding.ok
    assert "Traceback" not in finding.words
    assert "ANTHROPIC_BASE_URL" in finding.words
    assert "eys are made" not in f"{finding.words} {finding.fix}"
    assert ("127.0.0.1:9" in finding.words) is (url != "no-address")
    await claude.aclose()


def test_importing_the_client_does_not_import_the_sdk():
    code = "import sys, handlers.claude, handlers.answer; sys.exit('anthropic' in sys.modules or 'docx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0


def test_a_question_on_its_way_has_the_sdk_imported_meanwhile():
    program = """
import asyncio, sys
from bot.settings import Settings
from handlers.claude import Claude

async def main():
    Claude(Settings(_env_file=None)).warm_up()
    while "anthropic.resources.messages" not in sys.modules:
        await asyncio.sleep(0.01)

asyncio.run(asyncio.wait_for(main(), 60))
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=90)


async def test_the_key_is_in_no_log_and_no_error(settings, stand_in, capfd):
    claude = Claude(
        settings.model_copy(update={"anthropic_api_key": type(settings.anthropic_api_key)("sk-ant-secret")})
    )
    with pytest.raises(Refused) as caught:
        await claude.complete(ask_of(), asyncio.Event())
    assert "sk-ant-secret" not in caught.value.reason + "".join(capfd.readouterr())
    await claude.aclose()


class Unwatched:
    """Replies that nobody looks at."""

    def reply_for(self, event, *, watched):
        return NotedReply(event, watched=False)

    async def note(self, address, words):
        raise AssertionError

    async def aclose(self):
        raise AssertionError


async def test_the_whole_handler_answers_a_file_and_a_row_over_the_wire(claude, settings, stand_in, tmp_path):
    stand_in.answer_with(lambda body: '{"Boat": "Ada", "Berth": 12}' if "format" in str(body) else "The boat is Ada.")
    columns = Rule(name="sheet", on="sheet", ask="{Note}", columns={"Boat": "text", "Berth": "integer"})
    book = RuleBook((Rule(name="slack", on="slack"), columns))
    handler = AnswerHandler(book, settings, claude, {"slack": Unwatched()}, known())
    (tmp_path / "a.txt").write_text("The boat is called Ada.")
    answer = await handler.answer(event_of("Which boat?"), {}, asyncio.Event())
    assert answer.text == "The boat is Ada."
    answer = await handler.answer(replace(event_of("", Note="Ada, 12"), rule="sheet"), {}, asyncio.Event())
    assert answer.values == {"Boat": "Ada", "Berth": 12}
