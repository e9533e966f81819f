"""`bot demo` starts all by itself, answers the samples, and leaves nothing behind."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]


@contextmanager
def demo(folder, *options, output=subprocess.PIPE, **environment):
    """The command in `folder`, its temporary files below it; yields the process."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC", "SLACK"))}
    given = {**kept, "PYTHONPATH": str(HOME), "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1", **environment}
    (folder / "here").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "bot", "demo", "--no-browser", *options]
    process = subprocess.Popen(
        command, cwd=folder / "here", env=given, text=True, stdout=output, stderr=subprocess.STDOUT
    )
    try:
        yield process
    finally:
        process.terminate()  # not kill: it has a bot to stop
        process.wait(20)
        if process.stdout:
            process.stdout.close()


def read_until(process, pattern, timeout_s=30):
    """What it prints until a line matches; the match."""
    until = time.monotonic() + timeout_s
    lines = []
    for line in process.stdout:
        lines.append(line)
        if found := re.search(pattern, line):
            return found
        assert time.monotonic() < until, "".join(lines)
    raise AssertionError("".join(lines))


def children(pid):
    """What a process started; on Linux."""
    return [child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]


def is_there(pid):
    """Whether a process runs, and so holds its ports; one that only waits to be collected does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def listening(pids):
    """The addresses, as the kernel writes them, on which these processes listen over IPv4 or IPv6."""
    links = [str(link.readlink()) for pid in pids for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
    nodes = {found[1] for link in links if (found := re.fullmatch(r"socket:\[(\d+)\]", link))}
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return [line[1].split(":")[0] for line in lines if line[3] == "0A" and line[9] in nodes]


def wait_for(condition, timeout_s=20):
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def act(url, act_name, **wish):
    """Do on the page what a click does there."""
    html = urllib.request.urlopen(url, timeout=5).read().decode()
    token = html.split('playground-token" content="')[1].split('"')[0]
    headers = {"X-Playground-Token": token, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}act/{act_name}", json.dumps(wish).encode(), headers)
    urllib.request.urlopen(request, timeout=5).close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_answers_a_sample_and_leaves_nothing(tmp_path, number):
    with demo(tmp_path, "--port", "0") as process:
        url = read_until(process, r"http://127\.0\.0\.1:\d+/")[0]
        act(url, "sample", name="sample-notes.docx")
        read_until(process, r"sample-notes\.docx .*answered")
        started = children(process.pid)
        process.send_signal(number)
        assert process.wait(20) == 0
        assert started
        assert not any(Path(f"/proc/{child}").exists() for child in started)
    assert list((tmp_path / "here").iterdir()) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_it_ends_when_its_terminal_is_closed(tmp_path):
    ours, its = pty.openpty()
    with demo(tmp_path, "--port", "0", output=its) as process:
        os.close(its)
        shown = b""
        while b"Ctrl-C ends all" not in shown:
            shown += os.read(ours, 4096)
        started = children(process.pid)
        os.close(ours)
        process.send_signal(signal.SIGHUP)
        process.wait(20)
        assert started
        assert not any(Path(f"/proc/{child}").exists() for child in started)
    assert list((tmp_path / "here").iterdir()) == []
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("moment", [r"http://127", r"sample-notes\.docx .*answered"])
def test_killed_outright_it_takes_the_bot_its_ports_and_its_temporary_folder_along(tmp_path, moment):
    with demo(tmp_path, "--port", "0") as process:
        if "answered" in moment:
            act(read_until(process, r"http://127\.0\.0\.1:\d+/")[0], "sample", name="sample-notes.docx")
        read_until(process, moment)
        started = children(process.pid)
        process.kill()
        process.wait(20)
        assert started
        wait_for(lambda: not any(is_there(child) for child in started))
        wait_for(lambda: list((tmp_path / "tmp").iterdir()) == [])


def test_it_listens_on_this_machine_only(tmp_path):
    with demo(tmp_path, "--port", "0") as process:
        read_until(process, r"http://127\.0\.0\.1:\d+/")
        wait_for(lambda: len(listening({process.pid, *map(int, children(process.pid))})) >= 5)
        assert set(listening({process.pid, *map(int, children(process.pid))})) == {"0100007F"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_with_a_key_claude_itself_answers_and_no_banner_says_otherwise(tmp_path):
    with demo(
        tmp_path, "--port", "0", ANTHROPIC_API_KEY="sk-ant-x", ANTHROPIC_BASE_URL="http://127.0.0.1:9"
    ) as process:
        url = read_until(process, r"http://127\.0\.0\.1:\d+/")[0]
        html = urllib.request.urlopen(url, timeout=5).read().decode()
        assert "stand-in answers" not in html
        assert 'data-trouble="claude_cut"' not in html
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_busy_port_picks_the_next_one_and_what_was_dropped_stays(tmp_path):
    busy = socket.create_server(("127.0.0.1", 0))
    port = busy.getsockname()[1]
    with busy, demo(tmp_path, "--port", str(port)) as process:
        found = read_until(process, r"http://127\.0\.0\.1:(\d+)/")
        assert int(found[1]) != port
        (tmp_path / "here" / "inbox" / "mine.txt").write_text("Eight limes cost 5 euros.")
        read_until(process, r"mine\.txt .*answered")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    inbox = tmp_path / "here" / "inbox"
    assert sorted(path.name for path in inbox.rglob("*.*")) == ["mine.txt", "mine.txt.answer.md"]


def test_it_ends_at_once_when_it_is_told_before_it_is_ready(tmp_path):
    with demo(tmp_path, "--port", "0") as process:
        read_until(process, r"playground")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert list((tmp_path / "here").iterdir()) == []


def test_the_samples_come_into_an_empty_folder_and_are_answered_and_are_gone_in_the_end(tmp_path):
    with demo(tmp_path) as process:
        read_until(process, r"sample-notes\.docx.*answered|sample-invoice\.pdf.*answered", 60)
        read_until(process, r"sample-notes\.docx.*answered|sample-invoice\.pdf.*answered", 60)
        answers = tmp_path / "here" / "inbox" / "answers"
        assert {one.name for one in answers.iterdir()} == {
            "sample-invoice.pdf.answer.md",
            "sample-notes.docx.answer.md",
        }
    assert not (tmp_path / "here" / "inbox").exists()
