"""`bot check`: every credential, permission and door tested, in plain words or as JSON."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace

from bot.commands.terminal import json_text
from bot.door import Finding
from bot.errors import PROGRAM
from bot.logs import silence_logs
from bot.rules.rule import RuleBook
from bot.secrecy import hidden
from bot.settings import Settings, load_settings


def check_all(*, as_json: bool) -> int:
    """Print what was found of each thing tested; 0 when all is fine, else 1. Raises SettingsError."""
    from bot.web.port import port_finding
    from bot.wiring import check_doors, known, rules_of
    from handlers.alerts import check_alert_reply
    from handlers.claude.prices import price_list

    silence_logs()
    settings = load_settings()
    price_list()  # raises for what is wrong in prices.toml
    check_alert_reply(settings, known())
    rules = rules_of(settings)
    port = port_finding(settings, known().need_web(settings, rules))
    here = [*_check_store(settings), *_check_names(settings, rules), *_check_open(settings, rules), port]
    findings = [*here, *asyncio.run(check_doors(settings, rules))]
    findings = [replace(one, subject=hidden(one.subject), words=hidden(one.words)) for one in findings]
    for finding in findings:
        if as_json:
            print(json_text(asdict(finding)))
        else:
            _print(finding)
    wrong = sum(not finding.ok for finding in findings)
    if not as_json:
        print()
        print(f"{wrong} of {len(findings)} to mend." if wrong else f"All {len(findings)} fine: {PROGRAM} run")
    return 1 if wrong else 0


def _check_store(settings: Settings) -> list[Finding]:
    """Whether what must outlive the process can be written."""
    from bot.store.probe import database_fault, folder_fault

    tried = {
        "STATE_DIR": (folder_fault(settings.state_dir), "Give Bellhop a folder it may write into, with room in it."),
        "DATABASE_URL": (database_fault(settings.database_url), "Correct DATABASE_URL, or what stands behind it."),
    }
    return [
        Finding("store", name, ok=not fault, words=fault or "can be written", fix=fix if fault else "")
        for name, (fault, fix) in tried.items()
    ]


def _check_names(settings: Settings, rules: RuleBook) -> list[Finding]:
    """What may be misspelt in .env."""
    from bot.spelling import misspelt
    from bot.wiring import known

    found, words = misspelt(settings, known(), rules), "there is no such setting"
    return [Finding("settings", name, ok=False, words=words, fix=f"Did you mean {found[name]}?") for name in found]


def _check_open(settings: Settings, rules: RuleBook) -> list[Finding]:
    """What keeps every door shut, or one that somebody meant to open."""
    from bot.wiring import known

    fault = known().fault_of(settings, rules)
    return [Finding("doors", "open", ok=False, words=fault)] if fault else []


def _print(finding: Finding) -> None:
    from rich.console import Console
    from rich.text import Text

    line = Text.assemble(
        ("ok    " if finding.ok else "MEND  ", "green" if finding.ok else "bold red"),
        (f"{finding.door:<9}", "dim"),
        f"{finding.subject}: {finding.words}",
    )
    if finding.fix:
        line.append(f"\n               {finding.fix}", style="yellow")
    Console(soft_wrap=True, highlight=False).print(line)
