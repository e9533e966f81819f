"""Roles in processes of their own, against the local stand-ins: each starts alone, together they answer.

On one SQLite file and on one Postgres, as the Procfile starts them.
"""

import contextlib
import json
import os
import re
import signal
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psycopg
import pytest
from psycopg import sql

from playground.claude import ClaudeStandIn
from playground.serving import serve
from playground.slack import Options, SlackStandIn
from playground.slack.http_mode import sign
from tests.bot.engines import on_server, throwaway_database
from tests.bot.running import bot, fetch, free_port, running, until
from tests.needs import needs_postgres

BOTH = pytest.mark.parametrize("store", ["sqlite", "postgres"])


@dataclass
class Town:
    """A folder to run in, the variables of every process, and what each of them has logged."""

    folder: Path
    variables: dict[str, str]
    slack: SlackStandIn
    started: dict[str, int] = field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.variables['PORT']}"

    def log_of(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    @contextlib.contextmanager
    def process(self, role: str, name: str = "", **more: str):
        with running(
            self.folder, self.folder / f"{name or role}.log", role=role, **{**self.variables, **more}
        ) as process:
            yield process

    def ready(self):
        status, body = fetch(f"{self.base}/ready")
        return status, json.loads(body)

    def events(self):
        return [json.loads(line) for line in bot(self.folder, "events", "--json", **self.variables).stdout.splitlines()]


@pytest.fixture
def town(store, tmp_path):
    (tmp_path / "inbox").mkdir()
    claude, slack = ClaudeStandIn(), SlackStandIn(options=Options(ack_s=3.0))
    with throwaway_database(store, tmp_path) as url, serve(claude.app) as claude_url, slack.serve():
        variables = {
            "ANTHROPIC_API_KEY": min(claude.keys),
            "ANTHROPIC_BASE_URL": claude_url,
            "DATABASE_URL": url,
            "WATCH_FOLDER": "inbox",
            "FOLDER_QUIET_SECONDS": "0.2",
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "PORT": free_port(),
            "WEB_HOST": "127.0.0.1",
        }
        yield Town(tmp_path, variables, slack)


@BOTH
@pytest.mark.parametrize(
    ("role", "does"),
    [
        ("web", "serves http://127.0.0.1:{PORT} and hears slack there"),
        ("triggers", "runs slack, folder"),
        ("worker", "answers events, 20 at a time"),
    ],
)
def test_each_role_starts_alone_and_says_in_one_line_what_it_does(town, role, does):
    with town.process(role) as process:
        (line,) = [line for line in town.log_of(role).splitlines() if " ready " in line]
        assert f"role={role}" in line
        assert does.format(**town.variables) in line
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert "Traceback" not in town.log_of(role)


@BOTH
def test_three_processes_answer_together_and_ready_tells_the_truth_of_each_constellation(town):
    with town.process("web"):
        status, body = town.ready()
        assert (status, body["database"], body["worker"]["ok"]) == (503, "ok", False)
        assert "No worker runs" in body["worker"]["words"]
        assert all(door["words"].startswith("No process runs this door") for door in body["doors"].values())
        # Stored, and so acknowledged, although nobody answers yet.
        town.slack.send_events_to(f"{town.base}/slack/events")
        town.slack.say("U0ANNA", "D0ANNA", "hello")
        until(lambda: [delivery.outcome for delivery in town.slack.deliveries] == ["acked"])
        assert [event["state"] for event in town.events()] == ["received"]
        with town.process("triggers") as triggers:
            status, body = until(lambda: (told := town.ready())[0] == 200 and told)
            assert set(body["doors"]) == {"folder", "slack"}
            assert all(door["heard_at"] for door in body["doors"].values())
            assert "bellhop_workers 0.0" in fetch(f"{town.base}/metrics")[1]
            with town.process("worker"):
                until(lambda: [event["state"] for event in town.events()] == ["answered"])
                assert any("hello" not in message.text and message.text for message in town.slack.messages("D0ANNA"))
                (town.inbox / "a.txt").write_text("hello")
                until((town.inbox / "answers" / "a.txt.answer.md").exists)
                status, body = town.ready()
                assert body["worker"] == {"ok": True, "words": "1 at work."}
                assert 'bellhop_door_up{door="folder"} 1.0' in fetch(f"{town.base}/metrics")[1]
                until(lambda: town.ready()[1]["doors"]["folder"]["last_event_at"])
            triggers.kill()
        status, body = until(lambda: (told := town.ready())[0] == 503 and told)
        assert re.match(r"No process runs this door since \d+ \w+ \d{4}", body["doors"]["folder"]["words"])
        assert body["doors"]["folder"]["heard_at"]


@BOTH
def test_a_process_that_only_serves_hears_hooks_and_says_so(town):
    with town.process("web", WEBHOOK_SECRET="a-long-random-word"):
        status, body = town.ready()
        assert status == 503, "the folder is nobody's"
        assert (body["doors"]["webhook"]["ok"], body["doors"]["webhook"]["words"]) == (True, "Listening at /hooks/ask.")
        headers = {"Authorization": "Bearer a-long-random-word"}
        sent = httpx2.post(f"{town.base}/hooks/ask", json={"text": "Why?"}, headers=headers)
        assert sent.status_code == 202
        assert town.ready()[1]["doors"]["webhook"]["last_event_at"]


@BOTH
def test_a_forged_event_at_a_web_process_is_refused_and_slack_itself_is_not_asked(town):
    with town.process("web"):
        body, at = json.dumps({"type": "event_callback"}).encode(), str(int(time.time()))
        headers = {"x-slack-request-timestamp": at, "x-slack-signature": sign("wrong", at, body)}
        assert httpx2.post(f"{town.base}/slack/events", content=body, headers=headers).status_code == 401
    assert not town.slack.calls.of("auth.test")


def stop_in_order(process, _):
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def kill(process, _):
    process.kill()


def freeze(process, url):
    """Not while it writes to a SQLite file: nobody could take its lock away; all would wait until it thaws."""
    process.send_signal(signal.SIGSTOP)
    while url.startswith("sqlite") and is_locked(url.removeprefix("sqlite:///")):
        process.send_signal(signal.SIGCONT)
        time.sleep(0.05)
        process.send_signal(signal.SIGSTOP)


def is_locked(path):
    with contextlib.closing(sqlite3.connect(path, timeout=2.0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


@BOTH
@pytest.mark.parametrize("end", [stop_in_order, kill, freeze], ids=["TERM", "KILL", "STOP"])
def test_a_second_triggers_process_waits_and_takes_over(town, end):
    with town.process("worker"), town.process("triggers", "first") as first, town.process("triggers", "second"):
        assert "does=waits for its turn to run slack, folder" in town.log_of("second").replace("'", "").replace('"', "")
        (town.inbox / "a.txt").write_text("one")
        until((town.inbox / "answers" / "a.txt.answer.md").exists)
        end(first, town.variables["DATABASE_URL"])
        (town.inbox / "b.txt").write_text("two")
        until((town.inbox / "answers" / "b.txt.answer.md").exists)
        assert town.log_of("second").count("waiting for a door") == 2, "said once for each door"
        if end is freeze:
            first.send_signal(signal.SIGCONT)
            until(lambda: town.log_of("first").count("stepped back from a door") == 2)
            (town.inbox / "c.txt").write_text("three")
            until((town.inbox / "answers" / "c.txt.answer.md").exists)
    assert sorted(event["subject"] for event in town.events() if event["source"] == "folder")[:2] == ["a.txt", "b.txt"]
    assert len({event["id"] for event in town.events()}) == len(town.events())


@pytest.mark.parametrize("store", ["postgres"])
def test_a_process_whose_way_to_the_database_is_cut_steps_back_and_another_takes_over(town):
    with (
        role_of_its_own(town.variables["DATABASE_URL"]) as (url, cut),
        town.process("triggers", "first", DATABASE_URL=url),
        town.process("triggers", "second"),
    ):
        until(lambda: "waiting for a door" in town.log_of("second"))
        cut()
        until(lambda: town.log_of("first").count("stepped back from a door") == 2)
        until(lambda: town.log_of("second").count("took over a door") == 2)
        assert "Traceback" not in town.log_of("first") + town.log_of("second")


@contextlib.contextmanager
def role_of_its_own(url):
    """The same database for a user of its own, and a way to cut that user off."""
    user, name = f"cut_{os.getpid()}", url.rpartition("/")[2]
    with psycopg.connect(needs_postgres(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN SUPERUSER PASSWORD 'cut'").format(sql.Identifier(user)))

        def cut():
            admin.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(user)))
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (user,))

        try:
            yield url.replace("//postgres@", f"//{user}:cut@"), cut
        finally:
            cut()
            on_server("DROP DATABASE {} WITH (FORCE)", name)
            on_server("CREATE DATABASE {}", name)  # which the fixture drops
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(user)))
