"""Sending by SMTP: what a server's words mean for the next try, said against a server that plays each of them."""

import smtplib
import socket
import socketserver
import threading
from typing import Any

import pytest

from bot.errors import SETTING, Refused, TryAgain
from handlers.replies.mail.sending import UNKNOWN, SmtpOutgoing

MAIL = b"Subject: x\r\n\r\n.dot\r\n"


class Scripted(socketserver.StreamRequestHandler):
    """Answers each verb as the script says; "" closes the connection instead."""

    def handle(self):
        self.say("220 hello")
        server: Any = self.server
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            server.heard.append(line)
            if not self.say(server.script.get(verb, "250 ok")):
                return
            if verb == "DATA" and server.script["DATA"].startswith("354"):
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += self.rfile.readline()
                server.mails.append(data)
                if not self.say(server.script["."]):
                    return
            if verb == "QUIT":
                return

    def say(self, words):
        if words:
            self.wfile.write(f"{words}\r\n".encode())
        return bool(words)


@pytest.fixture
def server():
    socketserver.ThreadingTCPServer.daemon_threads = True
    listening: Any
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Scripted) as listening:
        listening.heard, listening.mails = [], []
        listening.script = {"DATA": "354 go", ".": "250 taken", "QUIT": "221 bye"}
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield listening
        listening.shutdown()


def send(server, to="anna@people.example"):
    host, port = server.server_address
    SmtpOutgoing(lambda: smtplib.SMTP(host, port, timeout=10)).send("bot@firm.example", to, MAIL)


def test_a_mail_is_handed_over_as_it_is(server):
    send(server)
    assert server.mails == [b"Subject: x\r\n\r\n..dot\r\n.\r\n"]
    assert "mail FROM:<bot@firm.example>" in server.heard
    assert server.heard[-1].upper() == "QUIT"


@pytest.mark.parametrize(("verb", "said"), [
    ("MAIL", "451 greylisted"), ("RCPT", "450 full"), ("DATA", "452 no room"), (".", "451 later"), ("RCPT", "421 bye"),
])  # fmt: skip
def test_a_passing_refusal_is_tried_again_and_says_what_the_server_said(server, verb, said):
    server.script[verb] = said
    with pytest.raises(TryAgain, match=said) as caught:
        send(server)
    assert caught.value.code != UNKNOWN


@pytest.mark.parametrize(("verb", "said"), [
    ("MAIL", "553 not yours"), ("RCPT", "550 5.1.1 no such user"), ("DATA", "554 no"), (".", "554 5.7.1 spam"),
])  # fmt: skip
def test_a_final_refusal_is_final_and_says_what_the_server_said(server, verb, said):
    server.script[verb] = said
    with pytest.raises(Refused, match=said):
        send(server)


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT"])
def test_a_connection_that_breaks_before_the_mail_is_tried_again(server, verb):
    server.script |= {verb: "", "HELO": ""}
    with pytest.raises(TryAgain, match="cannot be reached") as caught:
        send(server)
    assert caught.value.code != UNKNOWN


def test_a_connection_that_breaks_after_the_mail_leaves_it_unknown(server):
    server.script["."] = ""
    with pytest.raises(TryAgain) as caught:
        send(server)
    assert caught.value.code == UNKNOWN


def test_a_broken_goodbye_costs_nothing(server):
    server.script["QUIT"] = ""
    send(server)
    assert len(server.mails) == 1


def test_a_server_that_is_away_is_tried_again():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(TryAgain, match="cannot be reached"):
        SmtpOutgoing(lambda: smtplib.SMTP("127.0.0.1", port, timeout=10)).send("a@x", "b@x", MAIL)


def test_a_server_that_says_nothing_is_left_after_its_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        outgoing = SmtpOutgoing(lambda: smtplib.SMTP("127.0.0.1", port, timeout=0.05))
        with pytest.raises(TryAgain, match="cannot be reached"):
            outgoing.send("a@x", "b@x", MAIL)


@pytest.mark.parametrize(("fault", "kind", "code"), [
    (smtplib.SMTPAuthenticationError(535, b"5.7.8 bad"), Refused, SETTING),
    (smtplib.SMTPAuthenticationError(454, b"4.7.0 later"), TryAgain, ""),
    (smtplib.SMTPNotSupportedError("no AUTH"), Refused, SETTING),
    (smtplib.SMTPConnectError(421, b"busy"), TryAgain, ""),
])  # fmt: skip
def test_what_goes_wrong_at_the_door_is_put_into_words(fault, kind, code):
    def connect():
        raise fault

    with pytest.raises(kind) as caught:
        SmtpOutgoing(connect).send("a@x", "b@x", MAIL)
    assert caught.value.code == code


def test_an_address_that_the_server_cannot_spell_is_refused_in_words(server):
    with pytest.raises(Refused, match="no addresses with such letters"):
        send(server, "ännä@people.example")


def test_no_line_of_the_servers_words_breaks_ours(server):
    server.script["RCPT"] = "550-first\r\n550 \x1b[31msecond"
    with pytest.raises(Refused) as caught:
        send(server)
    assert caught.value.reason.isprintable()
