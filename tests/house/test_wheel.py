"""The wheel holds every file the program needs: built, and run in an environment of its own, outside the checkout."""

import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, HOME]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("bellhop-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh environment with the wheel in it; what it depends on is borrowed from the one that runs the tests."""
    home = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", home], check=True, capture_output=True)
    subprocess.run([home / "bin/python", "-m", "pip", "install", "-q", "--no-deps", wheel], check=True)
    site = next((home / "lib").glob("python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def run(
    installed: Path, folder: Path, *words: object, code: int = 0, **settings: str
) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **settings}
    done = subprocess.run([*map(str, words)], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_the_wheel_names_its_command_and_what_it_depends_on(wheel):
    with zipfile.ZipFile(wheel) as package:
        names = package.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        entries = next(name for name in names if name.endswith("entry_points.txt"))
        needs = HeaderParser().parsestr(package.read(metadata).decode()).get_all("Requires-Dist", [])
        assert "bellhop = bot.commands:main" in package.read(entries).decode()
    wanted = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["dependencies"]
    assert len([need for need in needs if "extra ==" not in need]) == len(wanted)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "state/", "inbox/"))]


def test_every_file_of_the_packages_is_in_the_wheel(wheel):
    listed = ["git", "ls-files", "bot", "triggers", "handlers", "playground"]
    tracked = subprocess.run(listed, cwd=HOME, capture_output=True, text=True, check=True).stdout.split()
    with zipfile.ZipFile(wheel) as package:
        assert set(tracked) - set(package.namelist()) == set()


def test_the_command_does_what_the_module_does(installed, tmp_path):
    assert "Usage: bellhop" in run(installed, tmp_path, installed / "bellhop", "--help").stdout
    assert "Serve the open doors" in run(installed, tmp_path, installed / "python", "-m", "bot", "--help").stdout


def test_a_folder_is_begun_and_checked_from_the_installed_command(installed, tmp_path):
    run(installed, tmp_path, installed / "bellhop", "init")
    refused = run(installed, tmp_path, installed / "bellhop", "run", code=2).stderr
    assert "No door is open" in refused
    assert "Traceback" not in refused


def test_the_installed_program_answers_through_the_playground_with_every_page_of_it(installed, tmp_path):
    """A stand-in answers, a document is read in its child process, and the demo finds its pages and samples."""
    script = (
        "import threading\n"
        "from playground.claude import ClaudeStandIn\n"
        "from playground.serving import serve\n"
        "import subprocess, sys, os, pathlib\n"
        "import playground, playground.page.server as page, playground.samples, playground.stage.environment as stage\n"
        "assert 'site-packages' in playground.__file__\n"
        "assert stage.setting_names() >= {'ANTHROPIC_API_KEY', 'WATCH_FOLDER'}\n"
        "stand_in = ClaudeStandIn()\n"
        "with serve(stand_in.app) as url:\n"
        "    env = {**os.environ, 'ANTHROPIC_API_KEY': next(iter(stand_in.keys)), 'ANTHROPIC_BASE_URL': url}\n"
        "    pathlib.Path('note.rtf').write_text(r'{\\rtf1 The invoice is 42 euros.}')\n"
        "    done = subprocess.run([sys.argv[1], 'ask', '--no-stream', 'What does it say?', '--file', 'note.rtf'],\n"
        "                          env=env, capture_output=True, text=True)\n"
        "    assert done.returncode == 0, done.stderr\n"
        "    assert done.stdout.strip()\n"
    )
    (tmp_path / "try.py").write_text(script)
    run(installed, tmp_path, installed / "python", "try.py", installed / "bellhop")
