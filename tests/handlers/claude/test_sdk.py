"""The SDK with lazy indexes is the SDK: every name is there, and the clouds that nobody uses are not read."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from handlers.claude.sdk import INDEXES, exports

LAZY = "from handlers.claude.sdk import import_sdk; import_sdk(); import sys, json; "


def _printed(code: str) -> object:
    done = subprocess.run([sys.executable, "-c", LAZY + code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_every_name_of_a_lazy_index_is_found_when_it_is_asked_for() -> None:
    missing = _printed(
        "import importlib; from pathlib import Path; from handlers.claude.sdk import INDEXES, exports\n"
        "import anthropic.types as types\n"
        "home = Path(types.__spec__.origin).parents[1]\n"
        "below = [init.parent.relative_to(home).parts for init in (home / 'types').rglob('__init__.py')]\n"
        "indexes = {*INDEXES, *('.'.join(('anthropic', *parts)) for parts in below)}\n"
        "found = [(importlib.import_module(name), importlib.import_module(name).__spec__.origin) for name in indexes]\n"
        "names = [(module, name) for module, origin in found for name in exports(Path(origin).read_text()).names]\n"
        "assert len(names) > 2000\n"
        "print(json.dumps([str(pair) for pair in names if not hasattr(*pair)]))"
    )
    assert missing == []


def test_names_that_a_star_hands_on_are_found_too() -> None:
    code = (
        "import anthropic; print(json.dumps([anthropic.AnthropicVertex.__name__, anthropic.AnthropicBedrock.__name__]))"
    )
    assert _printed(code) == ["AnthropicVertex", "AnthropicBedrock"]


def test_a_name_that_is_nowhere_is_an_attribute_error() -> None:
    code = "import anthropic; print(json.dumps([hasattr(anthropic, 'Nowhere'), hasattr(anthropic, '_nowhere')]))"
    assert _printed(code) == [False, False]


def test_asking_reads_no_other_cloud_and_fewer_types_than_there_are() -> None:
    read = _printed("print(json.dumps([name for name in sys.modules if name.startswith('anthropic')]))")
    assert isinstance(read, list)
    assert not {"anthropic.lib.vertex", "anthropic.lib.bedrock", "anthropic.lib.aws"} & set(read)
    assert len(read) < 1_200, "most of the SDK is read again: has one of its indexes moved?"


@pytest.mark.parametrize("name", sorted(INDEXES))
def test_each_listed_index_is_a_package_of_the_sdk_that_hands_on_names(name: str) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    found = exports(Path(spec.origin).read_text(encoding="utf-8"))
    assert len(found.names) > 3
