"""How logs look: a line a person can read, or JSON by setting; one line per stage, never a secret."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.errors import reason_of
from bot.secrecy import STARS, hidden

QUIET = ("dbos", "slack_bolt", "slack_sdk", "httpx2", "httpcore2", "anthropic", "uvicorn.access", "watchdog", "urllib3")
"""Libraries that talk at INFO about their own business."""
AWAY = {"OperationalError", "InterfaceError"}
"""How database drivers (PEP 249) name the faults of a database that is gone, full or locked."""


def configure_logs(
    log_format: Literal["text", "json"],
    secrets: Iterable[str] = (),
    stream: TextIO = sys.stderr,
    level: int = logging.INFO,
) -> None:
    """Send all logs, ours and the libraries', to `stream`; every secret is blotted out, and what looks like one."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if log_format == "text" else "iso", utc=log_format == "json"),
        _database_in_one_line,
        structlog.processors.format_exc_info,
        _blot(tuple(secret for secret in secrets if len(secret) >= 6)),  # shorter ones are no secrets
    ]
    last: Processor = (
        structlog.processors.JSONRenderer() if log_format == "json" else _TextLine(colours=stream.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[_drop_record, last], foreign_pre_chain=shared))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def silence_logs() -> None:
    """For commands that speak to a person themselves: what is wrong is said once, in their own words."""
    configure_logs("text", level=logging.CRITICAL)


def silence_within() -> None:
    """For somebody else's program: ours say nothing, and its own logging stays as it is."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _drop_record(logger: WrappedLogger, name: str, entry: EventDict) -> EventDict:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, name, entry)


def _database_in_one_line(_logger: WrappedLogger, _name: str, entry: EventDict) -> EventDict:
    """A database that is away is nobody's mistake: where in the code it was noticed helps nobody."""
    given = entry.get("exc_info")
    fault = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(fault, Exception) and type(fault).__name__ in AWAY:
        return {**entry, "reason": reason_of(fault), "exc_info": None}
    return entry


def _blot(secrets: tuple[str, ...]) -> Processor:
    def blot(_logger: WrappedLogger, _name: str, entry: EventDict) -> EventDict:
        return {key: value if key[0] == "_" else _blotted(value, secrets) for key, value in entry.items()}

    return blot


def _blotted(value: Any, secrets: tuple[str, ...]) -> Any:
    """What is no plain fact is blotted as it will be written: a fault's text may quote a URL."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_blotted(one, secrets) for one in value]
    text = str(value)
    for secret in secrets:
        text = text.replace(secret, STARS)
    return hidden(text)


class _TextLine:
    """Renders `14:03:12  answered            file=report.pdf seconds=4.2`."""

    def __init__(self, *, colours: bool) -> None:
        self._colours = {"warning": "\x1b[33m", "error": "\x1b[31m"} if colours else {}

    def __call__(self, _logger: WrappedLogger, _name: str, entry: EventDict) -> str:
        level, time = entry.pop("level", "info"), entry.pop("timestamp", "")
        words, trace = str(entry.pop("event", "")), entry.pop("exception", "")
        facts = " ".join(f"{key}={value}" for key, value in entry.items() if value not in (None, "") and key[0] != "_")
        mark = "" if level == "info" else f"{level.upper()} "
        line = f"{time}  {mark}{words:<28} {facts}".rstrip() + (f"\n{trace}" if trace else "")
        colour = self._colours.get(level, "")
        return f"{colour}{line}\x1b[0m" if colour else line
