"""Where something stands in a rules file, so that what is wrong there is said with its line. Pure."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from bot.errors import SettingsError
from bot.secrecy import hidden

_BLOCK = re.compile(r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'', re.DOTALL)
"""Text over several lines, in which words may stand that look like keys."""


@dataclass(frozen=True, slots=True)
class Source:
    """A rules file: its name, as errors carry it, and its text."""

    file: str
    text: str

    def wrong(self, number: int, key: str, words: str, name: object = None) -> SettingsError:
        """The error for a key of the `number`th rule, which is called `name`."""
        rule = f'rule "{quoted(str(name))}", ' if name is not None else ""
        return SettingsError(f'{self.file}:{self.line_of(number, key)}: {rule}key "{quoted(key)}": {words}.')

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


def quoted(name: str) -> str:
    """A name out of the file as an error may quote it: on one line, with stars for what may be a secret."""
    return hidden(" ".join("".join(one if one.isprintable() else " " for one in name).split()))


_EXPECTED = {
    "Cannot overwrite": "expected each key once",
    "Duplicate": "expected each key once",
    "Invalid value": "expected text in quotes, a number, true or false",
    "Expected '='": "expected KEY = VALUE",
    "Illegal character '\\n'": "expected a quote at the end of the text, on the same line",
    "Unterminated": "expected a quote at the end of the text",
    "Invalid statement": "expected [[rule]] or KEY = VALUE",
    "Cannot declare": "expected [[rule]], with two brackets each",
    "Unclosed": "expected a closing bracket",
}
"""What should have stood there, by how the parser's words begin."""
_PLACE = re.compile(r" \((?:at line (\d+), column \d+|at end of document)\)$")


def no_toml(source: Source, error: tomllib.TOMLDecodeError) -> SettingsError:
    """The error for a file that is no TOML: the parser's words, with its line, the key there and what was expected."""
    # Python before 3.14 tells the place in words only.
    place, lines = _PLACE.search(str(error)), source.text.splitlines() or [""]
    line = int(place[1]) if place and place[1] else len(lines)
    words = quoted(_PLACE.sub("", str(error)))
    key = re.match(r"\s*([\w-]+)\s*=", lines[line - 1]) if line <= len(lines) else None
    where = f'key "{quoted(key[1])}": ' if key else ""
    expected = next((f"; {should}" for start, should in _EXPECTED.items() if words.startswith(start)), "")
    return SettingsError(f"{source.file}:{line}: {where}{words}{expected}. This is not valid TOML.")


def _emptied(block: re.Match[str]) -> str:
    return "\n" * block[0].count("\n")
