"""A new door costs the frame one line: that of docs/adding-a-trigger.md is put into a copy of the house, and runs."""

import difflib
import json
import re
import shutil
from pathlib import Path

import pytest

from playground.claude import ClaudeStandIn
from playground.serving import serve
from tests.bot.running import bot, free_port, running, until

HOME = Path(__file__).resolve().parents[2]
WORDS = (HOME / "docs" / "adding-a-trigger.md").read_text()
FILES = dict(re.findall(r"^`(\S+/bell/\w+\.py)`\n```python\n(.*?)```", WORDS, re.DOTALL | re.MULTILINE))
(LINE,) = re.findall(r'^ {4}"bell": DoorLine\(.*\n', WORDS, re.MULTILINE)
RULES = '[[rule]]\nname = "front"\non = "bell"\nfrom = ["Ada", "Eve"]\nask = "Who is there?"\n'


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the house with the toy door in it."""
    home = tmp_path_factory.mktemp("house")
    for package in ("bot", "triggers", "handlers"):
        shutil.copytree(HOME / package, home / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in FILES.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(text)
    (home / "bot/doors/bell/__init__.py").touch()
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
        (("from =", "frm ="), 'rules.toml:4: rule "front", key "frm": there is no such key (did you mean "from"?)'),
        (('"bell"', '"slack"'), 'key "from": it belongs to rules with on = "bell"'),
        (('"bell"', '"bel"'), 'key "on": expected one of "bell", "slack", "sheet", "folder"'),
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
