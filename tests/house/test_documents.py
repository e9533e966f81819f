"""Documents tell the truth: their links lead somewhere, and the commands, settings and keys they name exist."""

import re
import shlex
from pathlib import Path

import pytest

from bot.commands import app
from bot.rules.file import parse_rules
from bot.rules.lines import Source
from bot.settings import FromEnvironment, Settings
from bot.wiring import known

HOME = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*HOME.glob("*.md"), *HOME.glob("docs/**/*.md")])
COMMANDS = {one.name or one.callback.__name__: one for one in app.registered_commands if one.callback}
TARGETS = set(re.findall(r"^([a-z-]+):", (HOME / "Makefile").read_text(), re.MULTILINE))
MODELS: tuple[type[FromEnvironment], ...] = (Settings, *(door.settings for door in known().doors.values()))
FIELDS = {name.upper(): field for model in MODELS for name, field in model.model_fields.items()}


def env_example() -> dict[str, str]:
    """Each variable of .env.example with the comment above it."""
    variables, comment = {}, []
    for line in (HOME / ".env.example").read_text().splitlines():
        if line.startswith("#"):
            comment.append(line[1:].strip())
        elif match := re.match(r"([A-Z_]+)=(.*)", line):
            variables[match[1]] = " ".join(comment)
            comment = []
        else:
            comment = []
    return variables


def test_env_example_names_every_setting_and_no_other():
    assert set(env_example()) == set(FIELDS)


def test_env_example_has_the_settings_of_each_door_under_a_heading_of_their_own():
    heading, headings = "", {}
    for line in (HOME / ".env.example").read_text().splitlines():
        heading = line if line.startswith("# --- ") else heading
        headings[line.partition("=")[0]] = heading
    everybodys = {headings[name.upper()] for name in Settings.model_fields if name != "folder_max_mb"}
    for door in known().doors.values():
        own = {headings[name.upper()] for name in door.settings.model_fields}
        assert len(own) == 1, door.name
        assert own.isdisjoint(everybodys), door.name


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_env_example_says_the_true_default(name):
    default, words = FIELDS[name].default, env_example()[name]
    if default is None or default in ((), ""):
        assert not re.search(r"Default: (?!no (?!other)|every|the |true on)", words), words
    else:
        said = re.search(r"Default: (\S+?)[,;]?(?: |$)", words)
        assert said, f"{name} has a default, {default}, that .env.example does not say"
        assert said[1].rstrip(".") in {
            str(default),
            str(default).lower(),
            f"{default:g}" if isinstance(default, float) else "",
        }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(HOME)))
def test_every_link_leads_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if not re.match(r"(https?|mailto):|#", target):
            assert (document.parent / target.split("#")[0]).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(HOME)))
def test_every_command_named_exists(document):
    text = document.read_text()
    for name in re.findall(r"(?:python -m bot|`bot) ([a-z]+)", text):
        assert name in COMMANDS, f"python -m bot {name}"
    for name in re.findall(r"\bmake ([a-z-]+)(?=[`\s])", "\n".join(code_of(text))):
        assert name in TARGETS, f"make {name}"
    for module in re.findall(r"python -m (benchmarks\.\w+|playground\.\w+)", text):
        path = HOME / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(HOME)))
def test_every_file_that_a_document_speaks_of_exists(document):
    if document.name not in {"CHANGELOG.md", "decisions.md"}:  # these speak of what was
        for name in re.findall(
            r"`((?:bot|triggers|handlers|tests|playground|benchmarks)/[\w./]*)`", document.read_text()
        ):
            assert (HOME / name).exists() or "/bell/" in name, name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(HOME)))
def test_every_option_of_a_command_exists(document):
    for line in code_of(document.read_text()):
        for match in re.finditer(r"(?:python -m bot|^\$? ?bot) ([a-z]+)([^`\n|#]*)", line):
            known = options_of(match[1])
            for word in re.findall(r"(?<=\s)--[a-z-]+", match[2]):
                assert word in known, f"bot {match[1]} {word}"


def test_rules_example_is_valid_and_uses_only_known_keys():
    rules = parse_rules(Source("rules.example.toml", (HOME / "rules.example.toml").read_text()), known()).rules
    assert {rule.on for rule in rules} == set(known().doors)


def test_procfile_starts_commands_that_exist():
    for line in (HOME / "Procfile").read_text().splitlines():
        words = shlex.split(line.partition(":")[2])
        assert words[:4] == ["python", "-m", "bot", "run"]
        assert set(words[4::2]) == {"--role"}
        assert words[5] in {"web", "triggers", "worker"}


def code_of(text: str) -> list[str]:
    """The lines of fenced blocks and the inline code of a Markdown text."""
    fenced = re.findall(r"```[^\n]*\n(.*?)```", text, re.DOTALL)
    return [line for block in fenced for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", text)


def options_of(command: str) -> set[str]:
    import typer.main

    click_command = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]  # a click group
    return {option for parameter in click_command.params for option in parameter.opts} | {"--help"}
