"""The web server's port: whether somebody needs it, and what is said when another program has it."""

import contextlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.errors import SettingsError
from bot.settings import load_settings
from bot.web.port import listener_of, port_finding


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield holder.getsockname()[1]


def settings_of(port, *, is_chosen=False, **more):
    settings = load_settings(_env_file=None, **{"web_host": "127.0.0.1", **more}, port=port)
    if not is_chosen:
        settings.model_fields_set.discard("port")
    return settings


def test_a_port_that_nobody_needs_may_be_taken(taken):
    assert listener_of(settings_of(taken), ()) is None
    finding = port_finding(settings_of(taken), ())
    assert finding.ok
    assert "Bellhop starts without its pages" in finding.words


@pytest.mark.parametrize(
    ("is_chosen", "doors", "must", "why"),
    [
        (False, ("webhook",), False, ", and webhook cannot be reached without it."),
        (False, ("slack", "webhook"), False, ", and slack and webhook cannot be reached without it."),
        (True, (), False, ". Another program holds it"),
        (False, (), True, ". Another program holds it"),
    ],
)
def test_a_taken_port_that_somebody_needs_stops_the_start_in_one_line(taken, is_chosen, doors, must, why):
    settings = settings_of(taken, is_chosen=is_chosen)
    with pytest.raises(SettingsError) as refused:
        listener_of(settings, doors, must=must)
    words = refused.value.reason
    assert words.startswith(f"PORT is {taken}, which cannot be used (")
    assert why in words
    assert "or a Bellhop that still runs" in words
    assert "\n" not in words


def test_the_check_finds_what_would_stop_the_start(taken):
    finding = port_finding(settings_of(taken), ("webhook",))
    assert (finding.ok, finding.subject) == (False, f"PORT {taken}")
    assert finding.words == "cannot be used (Address already in use), and webhook cannot be reached without it"
    assert "Another program holds it" in finding.fix
    assert not port_finding(settings_of(taken, is_chosen=True), ()).ok


def test_a_free_port_is_found_fine_and_left_free():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
    settings = settings_of(port)
    assert port_finding(settings, ("webhook",)).words == "can be used"
    listener = listener_of(settings, ("webhook",))
    assert listener is not None
    listener.close()


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_a_wrong_host_is_named_by_its_own_variable(host):
    settings = settings_of(0, web_host=host)
    with pytest.raises(SettingsError, match=rf"WEB_HOST is {host}, which cannot be used \([A-Z]"):
        listener_of(settings, ())
    assert not port_finding(settings, ()).ok


@contextlib.contextmanager
def answering(body):
    """A server that answers every GET so, with the status of a Bellhop that is not ready yet."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(503)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    ("said", "is_fine"),
    [
        (json.dumps({"ready": False, "database": "ok", "worker": {}, "doors": {}}), True),
        (json.dumps({"ready": True}), False),
        ("[]", False),
        ("<html>", False),
    ],
)
def test_a_port_that_a_bellhop_has_is_fine_and_one_that_another_server_has_is_not(said, is_fine):
    with answering(said.encode()) as port:
        finding = port_finding(settings_of(port), ("webhook",))
    assert finding.ok is is_fine
    assert ("a Bellhop runs there" in finding.words) is is_fine
