"""Logs are readable, machine-readable by setting, and hold no secret."""

import io
import json
import logging
import sqlite3

import pytest
import structlog

from bot.logs import configure_logs

SECRET = "sk-ant-very-secret"


@pytest.fixture(autouse=True)
def _logs_as_they_were():
    yield
    structlog.reset_defaults()
    logging.basicConfig(force=True)


def test_a_line_says_what_happened_and_to_what():
    out = io.StringIO()
    configure_logs("text", stream=out)
    structlog.get_logger().info("answered", id="e1")
    assert "answered" in out.getvalue()
    assert "id=e1" in out.getvalue()


def test_a_database_that_is_away_is_one_line_and_a_mistake_is_its_whole_trace():
    out = io.StringIO()
    configure_logs("text", stream=out)
    for fault in (sqlite3.OperationalError("disk I/O error\nmore"), ValueError("a mistake")):
        structlog.get_logger().error("round failed", exc_info=fault)
    first, second, *trace = out.getvalue().splitlines()
    assert first.endswith("reason=disk I/O error")
    assert "round failed" in second
    assert trace[-1] == "ValueError: a mistake"


def test_json_lines_hold_the_same_facts():
    out = io.StringIO()
    configure_logs("json", stream=out)
    structlog.get_logger().warning("late", id="e1", seconds=3)
    assert json.loads(out.getvalue()) | {"timestamp": ""} == {
        "event": "late",
        "id": "e1",
        "seconds": 3,
        "level": "warning",
        "timestamp": "",
    }


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_secret_is_blotted_out_of_our_lines_and_the_libraries_and_the_traces(log_format):
    out = io.StringIO()
    configure_logs(log_format, [SECRET], stream=out)
    structlog.get_logger().info("call", header=f"Bearer {SECRET}")
    logging.getLogger("some.library").warning("sent %s", SECRET)
    logging.getLogger("some.library").error("failed", exc_info=RuntimeError(SECRET))
    assert SECRET not in out.getvalue()
    assert out.getvalue().count("***") >= 3
