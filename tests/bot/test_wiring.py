"""The registry: every line names modules that hold what the line promises, and nothing is loaded before it is used."""

import inspect
import subprocess
import sys
from importlib import import_module

import pytest

from bot.wiring import DOORS, REPLIES, known

SDKS = ("slack_sdk", "slack_bolt", "gspread", "google", "watchdog", "anthropic", "dbos", "requests")


def names_of(module, function):
    return list(inspect.signature(getattr(import_module(module), function)).parameters)


@pytest.mark.parametrize("name", DOORS)
def test_a_doors_line_names_its_record_its_trigger_its_check_and_its_reader(name):
    line, door = DOORS[name], known().doors[name]
    assert door.name == name
    assert len(names_of(line.trigger, "open_trigger")) == 2
    assert len(names_of(line.trigger, "check")) == 2
    assert inspect.iscoroutinefunction(import_module(line.trigger).check)
    if line.reader:
        assert len(names_of(line.reader, "open_reader")) == 1


@pytest.mark.parametrize("name", REPLIES)
def test_a_replys_line_names_its_record_and_what_makes_it(name):
    assert known().replies[name].name == name
    if REPLIES[name].replies:
        assert len(names_of(REPLIES[name].replies, "open_replies")) == 1
    if REPLIES[name].check:
        assert len(names_of(REPLIES[name].check, "check_replies")) == 2


def test_no_two_doors_share_a_variable_and_each_is_a_setting():
    seen: dict[str, str] = {}
    for door in known().doors.values():
        fields = door.settings.model_fields
        assert {variable.lower() for variable in door.opened_by} <= set(fields)
        assert not {field for field in fields if field in seen}
        seen |= dict.fromkeys(fields, door.name)


def loaded(code):
    """The top-level packages that a Python of its own has loaded after this."""
    program = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_settings_and_rules_are_read_without_any_sdk():
    code = "from bot.wiring import rules_of; from bot.settings import load_settings; rules_of(load_settings())"
    assert not loaded(code) & set(SDKS)


def test_the_help_pays_for_no_door_and_not_for_pydantic():
    code = "import bot.commands"
    assert not loaded(code) & {*SDKS, "pydantic", "pydantic_settings", "sqlalchemy"}
