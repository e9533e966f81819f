"""What `bot check` tests of the folder door: the folder, its answers, the kernel's limits, the mount."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from bot.door import Finding
from bot.doors.folder.answers import ANSWERS, answers_fault
from bot.doors.folder.own_names import ignored_below
from bot.doors.folder.paths import absolute
from bot.doors.folder.scan import scan
from bot.rules.rule import Rule
from bot.settings import Settings
from triggers.folder.roots import Root, is_polled, limits_of, roots_of

DOOR = "folder"
WATCH_LIMIT_FILE = Path("/proc/sys/fs/inotify/max_user_watches")
MOST_COUNTED = 100_000


async def check(settings: Settings, rules: tuple[Rule, ...]) -> list[Finding]:
    """Findings for every folder rule; never raises for what it finds."""
    roots = roots_of(rules)
    found = await asyncio.to_thread(lambda: [_check_root(root, settings) for root in roots])
    return [finding for findings in found for finding in findings]


async def check_replies(_settings: Settings, places: Sequence[tuple[Rule, str]]) -> list[Finding]:
    """Findings for the folders that answers of any door go to, each once."""
    folders = tuple(dict.fromkeys(absolute(place) for _, place in places))
    return await asyncio.to_thread(lambda: [_check_place(folder) for folder in folders])


async def check_sources(_settings: Settings, places: Sequence[str]) -> list[Finding]:
    """Findings for the folders that rules read."""
    return await asyncio.to_thread(lambda: [_check_source(absolute(place)) for place in places])


def _check_source(folder: str) -> Finding:
    if not Path(folder).is_dir():
        return Finding(DOOR, folder, ok=False, words="there is no such folder to read", fix="Make the folder.")
    if os.access(folder, os.R_OK | os.X_OK):
        return Finding(DOOR, folder, ok=True, words="can be read for its new files")
    return Finding(DOOR, folder, ok=False, words="may not be read", fix="Give Bellhop read permission on it.")


def _check_place(folder: str) -> Finding:
    if Path(folder).exists() and not Path(folder).is_dir():
        return Finding(DOOR, folder, ok=False, words="it is a file", fix="Name a folder in the rule's reply.")
    if not Path(folder).exists():
        return Finding(DOOR, folder, ok=False, words="there is no such folder", fix="Make the folder.")
    fault = answers_fault(folder)
    if fault is None:
        return Finding(DOOR, f"{folder}/{ANSWERS}", ok=True, words="answers can be written")
    return Finding(DOOR, fault.place, ok=False, words=fault.words, fix=fault.fix)


def _check_root(root: Root, settings: Settings) -> list[Finding]:
    if not Path(root.path).is_dir():
        fix = "Make the folder, or correct WATCH_FOLDER or the rule's path."
        return [Finding(DOOR, root.path, ok=False, words="there is no such folder", fix=fix)]
    ignored = _check_ignored(root, settings)
    return [_check_reading(root), _check_writing(root), _check_watching(root, settings), *ignored]


def _check_reading(root: Root) -> Finding:
    if os.access(root.path, os.R_OK | os.X_OK):
        return Finding(DOOR, root.path, ok=True, words="can be read")
    return Finding(DOOR, root.path, ok=False, words="may not be read", fix="Give Bellhop read permission on it.")


def _check_writing(root: Root) -> Finding:
    fault = answers_fault(root.path)
    if fault is None:
        return Finding(DOOR, f"{root.path}/{ANSWERS}", ok=True, words="answers can be written")
    return Finding(DOOR, fault.place, ok=False, words=fault.words, fix=fault.fix)


def _check_watching(root: Root, settings: Settings) -> Finding:
    polled = is_polled(root, settings)
    if polled:
        quiet_s = limits_of(settings, polled).quiet_s
        words = f"scanned every few seconds ({polled}); a file is taken {quiet_s:g} s after its last change"
        return Finding(DOOR, "watching", ok=True, words=words)
    folders, most = _count_folders(root.real), _watch_limit()
    if most is not None and folders > most:
        words = f"{folders} folders, but the kernel watches at most {most}; the rest is scanned every 30 s"
        fix = f"sudo sysctl fs.inotify.max_user_watches={max(524_288, 2 * folders)}"
        return Finding(DOOR, "watching", ok=False, words=words, fix=fix)
    return Finding(DOOR, "watching", ok=True, words=f"{folders} folders watched; the kernel allows {most or 'enough'}")


def _check_ignored(root: Root, settings: Settings) -> list[Finding]:
    try:
        ignored = scan(root.path, ignored_below(root.path, settings)).ignored
    except OSError:
        return []  # that it may not be read is a finding of its own
    if not ignored:
        return []
    why = "; ".join(f"{program}: {count}" for program, count in ignored.most_common())
    words = f"{ignored.total()} files and folders are left alone ({why})"
    return [Finding(DOOR, "ignored", ok=True, words=words)]


def _count_folders(real_root: str) -> int:
    count = 0
    for _ in os.walk(real_root):
        count += 1
        if count >= MOST_COUNTED:
            break
    return count


def _watch_limit() -> int | None:
    try:
        return int(WATCH_LIMIT_FILE.read_text())
    except (OSError, ValueError):
        return None
