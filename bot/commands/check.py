"""`bot check`: every credential, permission and door tested, in plain words."""

from __future__ import annotations

import asyncio

from bot.door import Finding
from bot.errors import SettingsError
from bot.logs import silence_logs
from bot.settings import load_settings


def check_all() -> int:
    """Print one line for each thing tested; 0 when all is fine, else 1."""
    from bot.wiring import check_doors, rules_of

    silence_logs()
    settings = load_settings()
    findings = asyncio.run(check_doors(settings, rules_of(settings)))
    for finding in findings:
        _print(finding)
    if not findings:
        raise SettingsError("No door is open: copy .env.example to .env and fill in the doors you want.")
    wrong = sum(not finding.ok for finding in findings)
    print()
    print(f"{wrong} of {len(findings)} to mend." if wrong else f"All {len(findings)} fine: python -m bot run")
    return 1 if wrong else 0


def _print(finding: Finding) -> None:
    from rich.console import Console
    from rich.text import Text

    line = Text.assemble(
        ("ok    " if finding.ok else "MEND  ", "green" if finding.ok else "bold red"),
        (f"{finding.door:<8}", "dim"),
        f"{finding.subject}: {finding.words}",
    )
    if finding.fix:
        line.append(f"\n              {finding.fix}", style="yellow")
    Console(soft_wrap=True, highlight=False).print(line)
