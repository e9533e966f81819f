"""A command on a leash runs as it would without, and ends with whoever holds the other end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]

PROGRAM = {
    "talks": "import sys; print(__name__, sys.argv[1:]); sys.exit(3)",
    "waits": "import time; print('up', flush=True); time.sleep(60)",
    "deaf": (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "print('up', flush=True); time.sleep(60)"
    ),
    "has_child": (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True); time.sleep(60)"
    ),
}


@pytest.fixture
def leashed(tmp_path):
    """Starts a program on a leash, in a folder of its own; its stdin is the leash."""
    started = []
    (tmp_path / "work").mkdir()

    def start(name, *words):
        (tmp_path / f"{name}.py").write_text(PROGRAM[name])
        process = subprocess.Popen(
            [sys.executable, "-m", "playground.leash", str(tmp_path / "work"), name, *words],
            cwd=tmp_path / "work", env={**os.environ, "PYTHONPATH": f"{HOME}:{tmp_path}"}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(20)
        for pipe in (process.stdin, process.stdout):
            assert pipe
            pipe.close()


def is_there(pid):
    """Whether a process runs; one that only waits to be collected does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def wait_for(condition, timeout_s=20):
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_module_runs_as_it_does_without(leashed):
    process = leashed("talks", "run", "--role", "all")
    assert process.stdout.read() == "__main__ ['run', '--role', 'all']\n"
    assert process.wait(20) == 3


def test_it_goes_on_as_long_as_the_other_end_is_held_and_its_folder_stays(leashed, tmp_path):
    process = leashed("waits")
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    assert (tmp_path / "work").exists()


def test_it_wants_a_process_group_of_its_own(tmp_path):
    command = [sys.executable, "-m", "playground.leash", str(tmp_path), "this"]
    done = subprocess.run(command, check=False, cwd=HOME, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 1
    assert "a session of its own" in done.stderr
    assert tmp_path.exists()


@pytest.mark.parametrize("name", ["waits", "deaf"])
def test_it_ends_when_the_other_end_is_let_go_and_takes_its_folder_along(leashed, tmp_path, name):
    process = leashed(name)
    assert process.stdout.readline() == "up\n"
    process.stdin.close()
    process.wait(20)
    wait_for(lambda: not (tmp_path / "work").exists())


def test_what_it_started_ends_with_it(leashed):
    process = leashed("has_child")
    child = int(process.stdout.readline())
    process.stdin.close()
    process.wait(20)
    wait_for(lambda: not is_there(child))
