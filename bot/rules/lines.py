"""Where something stands in a rules file, so that what is wrong there is said with its line. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import SettingsError

_BLOCK = re.compile(r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'', re.DOTALL)
"""Text over several lines, in which words may stand that look like keys."""


@dataclass(frozen=True, slots=True)
class Source:
    """A rules file: its name, as errors carry it, and its text."""

    file: str
    text: str

    def wrong(self, number: int, key: str, words: str, name: object = None) -> SettingsError:
        """The error for a key of the `number`th rule, which is called `name`."""
        rule = f'rule "{name}", ' if name is not None else ""
        return SettingsError(f'{self.file}:{self.line_of(number, key)}: {rule}key "{key}": {words}.')

    def line_of(self, number: int, key: str) -> int:
        """The line of `key` in the `number`th [[rule]] (0: before or outside them); the table's first if absent."""
        table, start = 0, 1
        written = re.compile(rf'\s*\[{{0,2}}(?:rule\.)?["\']?{re.escape(key)}["\']?\s*[=.\]]')
        for count, line in enumerate(_BLOCK.sub(_emptied, self.text).splitlines(), 1):
            if re.match(r"\s*\[\[\s*rule\s*\]\]", line):
                table += 1
                start = count if table == number else start
            elif written.match(line) and table == number:
                return count
        return start


def _emptied(block: re.Match[str]) -> str:
    return "\n" * block[0].count("\n")
