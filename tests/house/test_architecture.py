"""The house keeps its shape: every module in a layer, no circles, no door beyond its size; see `figures`."""

import tomllib

import pytest

from tests.house import figures

CONTRACTS = tomllib.loads((figures.HOME / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = [layer.strip() for entry in CONTRACTS[0]["layers"] for layer in entry.split(":")]
SMALL = {
    "bot.web.event_pages": "what one event looks like over HTTP, apart from what the operator sees",
    "bot.event_keys": "which key opens which event, decided without the web",
    "bot.examples": "where the example files lie, which the wheel moves",
    "bot.store.own_secrets": "what all processes of a database sign with",
    "triggers.webhook.rates": "how often is too often, decided without HTTP",
    "triggers.schedule.events": "which event an instant makes, decided without a clock",
    "triggers.slack.versions": "which edits of a message are news, decided without Slack",
}
"""Modules under 40 lines with one importer that stay: a pure core each, or a fact of its own."""


def test_every_module_stands_in_a_layer():
    loose = [name for name in figures.sources() if not any(f"{name}.".startswith(f"{layer}.") for layer in LAYERS)]
    assert [name for name in loose if figures.sources()[name].name != "__init__.py"] == []


@pytest.mark.parametrize("tops", [figures.PRODUCTION, ("playground",)], ids=["production", "playground"])
def test_no_modules_import_each_other_in_a_circle(tops):
    assert figures.circles(tops) == []


@pytest.mark.parametrize("room", figures.rooms(), ids=lambda room: room.name)
def test_half_a_door_has_few_modules_and_few_floors(room):
    assert room.modules <= figures.MOST_MODULES
    assert room.floors <= figures.MOST_FLOORS


def test_no_class_has_many_attributes():
    assert [pair for pair in figures.attributes() if pair[1] > figures.MOST_ATTRIBUTES] == []


def test_no_module_is_a_sliver_without_a_reason():
    assert set(figures.slivers()) - set(SMALL) == set()


def test_modules_have_the_fields_names_and_each_invented_one_a_reason():
    assert figures.module_names() & figures.GIVEN_UP_NAMES == set()
    assert set(figures.INVENTED_NAMES) <= figures.module_names()
