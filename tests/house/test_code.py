"""The code reads as agreed: an opening sentence in every module, short functions, hand-written fakes, no dead ends."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]
OURS = ("bot", "triggers", "handlers", "playground", "benchmarks")
FRAME = ("bot", "triggers", "handlers")
LAID_BY_THE_WHEEL = {"bot/rules.example.toml"}
MODULES = sorted(path for folder in OURS for path in (HOME / folder).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(HOME))


@pytest.mark.parametrize("path", [p for p in MODULES if p.read_text().strip() and p.name != "__init__.py"], ids=named)
def test_a_module_opens_with_what_it_is(path):
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    sentence = docstring.partition("\n\n")[0]
    assert re.match(r"['\"`A-Z].*[.:]$", sentence, re.DOTALL), sentence
    assert len(sentence.split()) > 3, sentence


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_functions_are_short(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, f"{node.name} has more than 40 lines"


@pytest.mark.parametrize("path", [p for p in MODULES if p.relative_to(HOME).parts[0] in FRAME], ids=named)
def test_hints_name_the_command_as_it_was_started(path):
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    hints = [text for text in texts if re.search(r"python -m bot\b|`bot [a-z]+", text)]
    assert hints == [] or named(path) == "bot/errors.py", f"{hints}: say PROGRAM"


@pytest.mark.parametrize("path", sorted((HOME / "tests").rglob("test_*.py")), ids=named)
def test_tests_use_no_patched_modules(path):
    source = path.read_text()
    assert not re.search(r"^\s*(from|import) unittest", source, re.MULTILINE)


@pytest.mark.parametrize("path", [HOME / "pyproject.toml", *MODULES], ids=named)
def test_every_file_that_the_code_speaks_of_exists(path):
    folders = "|".join((*OURS, "tests", "docs"))
    for name in re.findall(rf"(?<![\w/.])(?:{folders})/[\w./-]+\.(?:py|md|json|toml)\b", path.read_text()):
        assert (HOME / name).exists() or name in LAID_BY_THE_WHEEL, name


def test_nothing_in_the_project_speaks_of_a_machine_or_a_registry():
    tracked = subprocess.run(["git", "ls-files"], cwd=HOME, capture_output=True, text=True, check=False).stdout.split()
    forbidden = re.compile(r"/(home|Users)/[a-z]+/|--(extra-)?index-url|\bpythonhosted\b")
    for name in tracked:
        path = HOME / name
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".txt", ".yml", ".json", ".html", ".js", ""}:
            text = path.read_text(errors="replace")
            assert name == named(Path(__file__)) or not forbidden.search(text), name


def test_no_file_holds_what_a_merge_left():
    marks = "^(<{7} |>{7} |={7}$)"
    found = subprocess.run(["git", "grep", "-nE", marks], cwd=HOME, capture_output=True, text=True, check=False)
    assert found.stdout == ""
