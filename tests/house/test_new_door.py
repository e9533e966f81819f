"""A new door costs the frame one line: a toy door is put into a copy of the house, and runs there."""

import difflib
import json
import shutil
from pathlib import Path

import pytest

from playground.claude import ClaudeStandIn
from playground.serving import serve
from tests.bot.running import bot, free_port, running, until

HOME = Path(__file__).resolve().parents[2]
LINE = '    "bell": DoorLine("bot.doors.bell.door", "triggers.bell.opening"),\n'

DOOR = {
    "__init__.py": "",
    "settings.py": '''"""What the bell is set up with."""

from pydantic import SecretStr

from bot.settings import FromEnvironment


class BellSettings(FromEnvironment):
    """`bell_code`: what the bell is opened with."""

    bell_code: SecretStr | None = None
''',
    "rule.py": '''"""What a rule on the bell may say beyond the common keys."""

from pydantic import Field

from bot.rules.keys import FilledList, RuleKeys


class BellRule(RuleKeys):
    """`from`: who may ring."""

    callers: FilledList = Field(alias="from", description="a list of callers in quotes")
''',
    "door.py": '''"""The bell as data."""

from bot.door import Door, Profile
from bot.doors.bell.rule import BellRule
from bot.doors.bell.settings import BellSettings
from bot.rules.rule import Rule

DOOR = Door(
    name="bell",
    settings=BellSettings,
    rule_keys=BellRule,
    missing=lambda settings, _: () if settings.door(BellSettings).bell_code else ("BELL_CODE",),
    derived_rule=lambda _: Rule(name="bell", on="bell", options=BellRule(callers=("anybody",))),
    profile=Profile("You answer whoever rings.", text_is_request=True),
    opened_by={"BELL_CODE": "It stands under the bell."},
)
''',
}
TRIGGER = {
    "__init__.py": "",
    "opening.py": '''"""The bell: it rings once for each caller when Bellhop starts."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from bot.door import Finding
from bot.doors.bell.rule import BellRule
from bot.events import Event, FilePath, Health


class Bell:
    name = "bell"

    def __init__(self, rules):
        self._rules = rules

    def routes(self, emit):
        return ()

    async def run(self, emit):
        for rule in self._rules:
            for caller in rule.of(BellRule).callers:
                await emit(ring(rule.name, caller))
        await asyncio.Event().wait()

    def health(self):
        return Health(True, "hangs there")


def ring(rule, caller):
    place = FilePath(str(Path("out").absolute()), f"{caller}.txt")
    when = datetime(2026, 11, 29, tzinfo=UTC)
    return Event(f"bell:{caller}", "bell", rule, f"{caller} is at the door", caller, when, f"bell:{caller}", place)


def open_trigger(parts, rules):
    return Bell(rules)


async def check(settings, rules):
    return [Finding("bell", "bell", ok=True, words="rings")]
''',
}
RULES = '[[rule]]\nname = "front"\non = "bell"\nfrom = ["Ada", "Eve"]\nask = "Who is there?"\n'


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the house with the toy door in it."""
    home = tmp_path_factory.mktemp("house")
    for package in ("bot", "triggers", "handlers"):
        shutil.copytree(HOME / package, home / package, ignore=shutil.ignore_patterns("__pycache__"))
    for folder, files in (("bot/doors/bell", DOOR), ("triggers/bell", TRIGGER)):
        (home / folder).mkdir()
        for name, text in files.items():
            (home / folder / name).write_text(text)
    wiring = home / "bot/wiring.py"
    first = '    "slack": DoorLine('
    wiring.write_text(wiring.read_text().replace(first, LINE + first, 1))
    return home


@pytest.fixture
def variables(house):
    claude = ClaudeStandIn()
    with serve(claude.app) as url:
        yield {
            "PYTHONPATH": str(house),
            "ANTHROPIC_API_KEY": min(claude.keys),
            "ANTHROPIC_BASE_URL": url,
            "PORT": free_port(),
            "BELL_CODE": "bell-code-4711",
        }


def lines_changed(home):
    """Lines of the frame that differ from ours; what lies in the new door's folders is no part of the frame."""
    changed = []
    for path in sorted(home.rglob("*.py")):
        ours = HOME / path.relative_to(home)
        if path.parent.name != "bell":
            diff = difflib.ndiff(ours.read_text().splitlines(), path.read_text().splitlines())
            changed += [line for line in diff if line[0] in "+-"]
    return changed


def test_a_new_door_is_one_line_of_the_frame(house):
    changed = lines_changed(house)
    print(f"frame lines for a new door: {len(changed)}")  # noqa: T201  # one of the figures of the house
    assert changed == ["+ " + LINE.rstrip("\n")]


def test_the_new_door_runs_with_a_rule_of_its_own_keys(variables, tmp_path):
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "out").mkdir()
    with running(tmp_path, tmp_path / "log", **variables):
        until(lambda: len(list((tmp_path / "out/answers").glob("*.answer.md"))) == 2)
    assert "bell-code-4711" not in (tmp_path / "log").read_text()


def test_without_a_rule_the_new_door_has_its_derived_one_and_is_checked(variables, tmp_path):
    done = bot(tmp_path, "check", **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bell: rings" in done.stdout
    (tmp_path / "out").mkdir()
    with running(tmp_path, tmp_path / "log", **variables):
        until((tmp_path / "out/answers/anybody.txt.answer.md").is_file)
    (line,) = bot(tmp_path, "events", "--json", **variables).stdout.splitlines()
    assert json.loads(line)["source"] == "bell"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('from = ["Ada", "Eve"]\n', ""), 'rules.toml:1: rule "front", key "from": it is missing; expected a list of'),
        (('["Ada", "Eve"]', '"Ada"'), 'rules.toml:4: rule "front", key "from": expected a list of callers in quotes'),
        (("from =", "frm ="), 'rules.toml:4: rule "front", key "frm": there is no such key; did you mean from?'),
        (('"bell"', '"slack"'), 'key "from": it belongs to rules with on = "bell", and this one has "slack"'),
        (('"bell"', '"bel"'), 'key "on": expected one of "bell", "slack", "sheet", "folder" (did you mean "bell"?)'),
    ],
)
def test_mistakes_in_its_keys_are_named_like_any_other(variables, tmp_path, change, words):
    (tmp_path / "rules.toml").write_text(RULES.replace(*change))
    done = bot(tmp_path, "run", **variables)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_rule_on_the_closed_door_names_its_variable(variables, tmp_path):
    (tmp_path / "rules.toml").write_text(RULES)
    done = bot(tmp_path, "run", **{**variables, "BELL_CODE": " \n"})
    assert done.returncode == 2
    assert done.stderr.startswith('rules.toml:3: rule "front", key "on": bell needs BELL_CODE to be set')
