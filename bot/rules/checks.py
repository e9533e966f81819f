"""What is checked once all rules are known: doubled names, closed doors, folders that clash."""

from __future__ import annotations

import re
from pathlib import Path

from bot.doors.folder.paths import absolute, is_own_state, is_shared
from bot.errors import SettingsError
from bot.rules.rule import Rule, RuleBook
from bot.settings import Settings


def refuse_doubles(rules: tuple[Rule, ...], text: str, file: str) -> None:
    """Raise SettingsError when two rules have the same name."""
    seen: dict[str, int] = {}
    for number, rule in enumerate(rules, 1):
        if rule.name in seen:
            line = line_of(text, number, "name")
            raise SettingsError(f'{file}:{line}: key "name": "{rule.name}" is used twice; expected each name once.')
        seen[rule.name] = number


def refuse_closed_doors(book: RuleBook, settings: Settings, text: str, file: str) -> None:
    """Raise SettingsError for a rule whose door lacks its variables."""
    needed = {
        "slack": (bool(settings.slack_bot_token), "SLACK_BOT_TOKEN and SLACK_APP_TOKEN"),
        "sheet": (bool(settings.google_service_account_file), "GOOGLE_SERVICE_ACCOUNT_FILE"),
    }
    for number, rule in enumerate(book.rules, 1):
        there, variables = needed.get(rule.on, (True, ""))
        if not there:
            where = f'{file}:{line_of(text, number, "on")}: rule "{rule.name}", key "on"'
            raise SettingsError(f"{where}: {rule.on} needs {variables} to be set.")


def refuse_shared_folders(written: RuleBook, settings: Settings, text: str, file: str) -> None:
    """Raise SettingsError when two folder rules would watch the same files, or one no folder of the owner's."""
    before: list[Rule] = []
    for number, rule in enumerate(written.rules, 1):
        if rule.on != "folder":
            continue
        fault = _fault_of_folder(rule.path, settings) or _clash(rule, before)
        if fault:
            where = f'{file}:{line_of(text, number, "path")}: rule "{rule.name}", key "path"'
            raise SettingsError(f"{where}: {fault}.")
        before.append(rule)


def refuse_watch_folder(derived: tuple[Rule, ...], settings: Settings) -> None:
    """Raise SettingsError when the folder rule that follows from WATCH_FOLDER watches no folder of the owner's."""
    for rule in derived:
        fault = _fault_of_folder(rule.path, settings) if rule.on == "folder" else ""
        if fault:
            raise SettingsError(f"WATCH_FOLDER is wrong: {fault}.")


def _fault_of_folder(path: str, settings: Settings) -> str:
    whole = absolute(path)
    if is_own_state(whole, settings.state_dir):
        return f"expected a folder of yours, and {whole} is where Bellhop keeps its own state (STATE_DIR)"
    # A folder that is not there yet is no mistake: it is waited for, as a mount is.
    return f"expected a folder, and {whole} is a file" if Path(whole).is_file() else ""


def _clash(rule: Rule, before: list[Rule]) -> str:
    mine = absolute(rule.path)
    for other in before:
        if is_shared(mine, absolute(other.path)):
            words = f'{mine} and {absolute(other.path)}, which rule "{other.name}" watches, hold the same files'
            return f"expected a folder of its own, neither around nor inside another rule's: {words}"
    return ""


def line_of(text: str, number: int, key: str) -> int:
    """The line of `key` in the `number`th [[rule]] (0: before or outside them); the table's first line if absent."""
    table, start = 0, 1
    for count, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[\[\s*rule\s*\]\]", line):
            table += 1
            start = count if table == number else start
        elif re.match(rf'\s*\[{{0,2}}["\']?{re.escape(key)}["\']?\s*[=.\]]', line) and table == number:
            return count
    return start
