"""The watched roots: one for each folder rule, and which of them the kernel cannot watch."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from bot.doors.folder.ignored import IgnoreTable
from bot.doors.folder.paths import OWN_FILES, absolute, is_within
from bot.doors.folder.rule import FolderRule
from bot.doors.folder.settings import FolderSettings
from bot.rules.rule import Rule
from bot.settings import Settings
from triggers.folder.candidates import Limits

NETWORK_QUIET_S = 5.0
"""On a network mount writers pause longer (scanners, slow copies); used unless FOLDER_QUIET_SECONDS is set."""

COPIES_FOLDER = Path(OWN_FILES) / "folder"

NETWORK_TYPES = frozenset(
    "nfs nfs4 cifs smb3 smbfs 9p virtiofs vboxsf prl_fs ceph glusterfs lustre afs fakeowner osxfs fuse".split()  # noqa: SIM905 (a list this long reads better as one line)
)
"""Mounts that another machine, or another kernel, writes to: ours hears nothing of it."""
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Root:
    """A watched folder: `path` absolute as written, `rule` its rule's name; `answers_here`: not sent elsewhere."""

    path: str
    rule: str
    answers_here: bool = True

    @property
    def real(self) -> str:
        """Where it really lies now: the watcher and the mount table know no links."""
        return os.path.realpath(self.path)


def roots_of(rules: tuple[Rule, ...]) -> tuple[Root, ...]:
    """The root of each rule; that none shares another's files was checked when the rules were read."""
    paths = (absolute(rule.of(FolderRule).path) for rule in rules)
    return tuple(Root(path, rule.name, not rule.reply) for path, rule in zip(paths, rules, strict=True))


def ignore_table(root: Root, settings: Settings) -> IgnoreTable:
    """What is ignored below this root; Bellhop's own there are its state folder and its database files."""
    database = sa.make_url(settings.database_url)
    own = [os.path.realpath(settings.state_dir)]
    if database.get_backend_name() == "sqlite" and database.database:
        base = os.path.realpath(database.database)
        own += [base + ending for ending in ("", "-wal", "-shm", "-journal")]
    names = (path[len(root.real) + 1 :] for path in own if is_within(path, root.real))
    return IgnoreTable(settings.door(FolderSettings).folder_ignore, names)


def ignored_below(root: str, settings: Settings) -> IgnoreTable:
    """The same for a folder that is not watched."""
    return ignore_table(Root(root, ""), settings)


def is_polled(root: Root, settings: Settings) -> str:
    """Why this root is scanned instead of watched: the mount's type or the setting's name; "" when it is watched."""
    polling = settings.door(FolderSettings).folder_polling
    if polling is not None:
        return "FOLDER_POLLING" if polling else ""
    return network_mount(root.real, read_mounts())


def limits_of(settings: Settings, polled: str) -> Limits:
    """The waiting times and the size limit in force for a root."""
    own = settings.door(FolderSettings)
    quiet_s = own.folder_quiet_seconds
    if polled not in ("", "FOLDER_POLLING") and "folder_quiet_seconds" not in own.model_fields_set:
        quiet_s = NETWORK_QUIET_S
    limits = Limits(quiet_s=quiet_s, max_bytes=settings.folder_max_bytes)
    # Only Linux tells of a close; elsewhere each file would wait out the whole cap for one.
    return limits if sys.platform == "linux" else replace(limits, writing_cap_s=quiet_s)


def read_mounts() -> str:
    """The mount table of this process; empty where there is none (macOS, Windows)."""
    try:
        return os.fsdecode(Path("/proc/self/mounts").read_bytes())
    except OSError:
        return ""


def network_mount(root: str, mounts: str) -> str:
    """The type of the network mount that holds `root`, or lies below it; "" when the kernel sees every write.

    `root` is a real path; `mounts` is the text of /proc/self/mounts.
    """
    table = [(_plain(words[1]), words[2]) for line in mounts.splitlines() if len(words := line.split(" ")) > 2]
    holding = max((row for row in table if _holds(row[0], root)), key=lambda row: len(row[0]), default=("/", ""))
    below = [row for row in table if _holds(root, row[0])]
    return next((kind for _, kind in (holding, *below) if _is_network(kind)), "")


def _is_network(kind: str) -> bool:
    return kind in NETWORK_TYPES or kind.startswith("fuse.")


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _plain(point: str) -> str:
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), point)
