"""A state that version 0.1.0 left behind (tests/fixtures/state_1), put into a folder of the test's own.

The state remembers absolute paths, in four forms: the paths themselves, ids made from them, copies named after these
ids, and the inodes of files. `old_state` puts new ones in their place, so that the state belongs to its new folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.bot.engines import throwaway_postgres

HERE = Path(__file__).resolve().parents[1] / "fixtures" / "state_1"
ABOUT = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
MADE_AT_S = float(ABOUT["made_at"])
"""When the state was made, in seconds since 1970: with a later clock, its receipts are old enough to be forgotten."""


def clock() -> float:
    """A minute after the kill, in seconds since 1970."""
    return MADE_AT_S + 60


@dataclass(frozen=True)
class OldState:
    """`folder` is what the program ran in, `url` its database, `expected` one store of expected.json."""

    folder: Path
    url: str
    expected: dict[str, Any]

    def ids(self, then: str) -> set[str]:
        """The events that are to meet this fate: "stays", "is delivered" or "is asked"."""
        return {event_id for event_id, event in self.expected["events"].items() if event["then"] == then}


@contextlib.contextmanager
def old_state(store: str, folder: Path) -> Iterator[OldState]:
    """The state of "sqlite" or "postgres", unpacked in `folder` (which may be missing) and moved there for good."""
    with tarfile.open(HERE / f"{store}.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    expected = ABOUT["stores"][store]
    moved = _mover(expected, folder)
    for copy in (folder / "state" / "files" / "folder").iterdir():
        copy.rename(copy.with_name(moved(copy.name)))
    for text in (folder / "rules.toml", *folder.rglob("answers/**/*.md")):
        text.write_text(moved(text.read_text(encoding="utf-8")), encoding="utf-8")
    whole = json.loads(moved(json.dumps(expected)))
    if store == "sqlite":
        _move_sqlite(folder / "state" / "bot.db", moved)
        yield OldState(folder, f"sqlite:///{folder}/state/bot.db", whole)
        return
    with throwaway_postgres() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(moved((HERE / "postgres.sql").read_text(encoding="utf-8")).encode())
        yield OldState(folder, url, whole)


def outside(store: str) -> dict[str, Any]:
    """What stood in Slack and in the sheets when the program was killed."""
    data: dict[str, Any] = json.loads((HERE / f"{store}.outside.json").read_text(encoding="utf-8"))
    return data


def _mover(expected: dict[str, Any], folder: Path) -> Callable[[str], str]:
    """Puts new paths, ids of names and signatures of files in the place of the old ones, in any text."""
    base = str(ABOUT["base"])
    new = {base: str(folder)}
    for file in expected["files"]:
        root, name = file["root"].replace(base, str(folder)), file["name"]
        # What 0.1.0 called a watch id; it must stay so for ever, or every known file is new again.
        new[file["watch"]] = hashlib.sha256(f"{root}\0{name}".encode()).hexdigest()[:16]
        new[file["signature"]] = _signature(file["signature"], Path(root, name))
    old = re.compile("|".join(map(re.escape, new)))
    return lambda text: old.sub(lambda found: new[found[0]], text)


def _signature(old: str, path: Path) -> str:
    """Device and inode as they are now, size and time as they were: the file may have changed since."""
    here = path.stat()
    return ":".join((str(here.st_dev), str(here.st_ino), *old.split(":")[2:]))


def _move_sqlite(path: Path, moved: Callable[[str], str]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("moved", 1, moved, deterministic=True)
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        for (table,) in tables.fetchall():
            for _, column, *_ in connection.execute(f'PRAGMA table_info("{table}")').fetchall():
                is_text = f"""typeof("{column}") = 'text'"""
                connection.execute(f'UPDATE "{table}" SET "{column}" = moved("{column}") WHERE {is_text}')
