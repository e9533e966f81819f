"""An answer as a mail: its headers are safe, its thread is kept, and every mail program can read it."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doors.mail.addresses import Mailbox
from handlers.quoting.new_text import part
from handlers.replies.mail.composing import CUT, Letter, Quoted, compose, reply_subject

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
BOT = Mailbox("bot@firm.example", "Bot")


def letter(**given_fields: object) -> Letter:
    fields = {
        "sender": BOT,
        "to": "anna@people.example",
        "subject": "A question",
        "message_id": "b.1@firm.example",
        "text": "**Yes.**",
        "answers": "q1@people.example",
    }
    return Letter(**(fields | given_fields))  # type: ignore[arg-type]


def sent(**given_fields: object):
    return message_from_bytes(compose(letter(**given_fields), NOW), policy=policy.default)


def test_an_answer_stands_in_its_thread():
    mail = sent(references=("q0@people.example",))
    assert mail["In-Reply-To"] == "<q1@people.example>"
    assert mail["References"] == "<q0@people.example> <q1@people.example>"
    assert mail["Message-ID"] == "<b.1@firm.example>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Subject"] == "Re: A question"
    assert mail["From"] == "Bot <bot@firm.example>"
    assert mail["Date"].datetime == NOW


def test_references_stay_bounded_with_the_first_and_the_last():
    mail = sent(references=tuple(f"r{n}@x" for n in range(300)))
    found = mail["References"].split()
    assert (found[0], found[-2:], len(found)) == ("<r0@x>", ["<r299@x>", "<q1@people.example>"], 21)


def test_a_long_message_id_stays_what_it_is():
    long = "a" * 200 + "@mail.people.example"
    raw = compose(letter(answers=long, references=(long + "x",)), NOW)
    assert f"<{long}>".encode() in raw
    assert b"=?" not in raw.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("subject", [
    "Price", "Re: Price", "RE: Re: re: Price", "Aw: Re: Price", "AW: Price",
    "Antw: Price",
    "Sv: Price", "SV: RE: Price", "Odp: Price",
    "Rif: Price", "R: Price", "RES: Price", "Re[2]: Price", "Re (3): Price", "回复：Price",
    "Re:Price", " re : Price",
])  # fmt: skip
def test_a_subject_has_one_re(subject):
    assert reply_subject(subject) == "Re: Price"


@pytest.mark.parametrize(("subject", "said"), [
    ("Fwd: Price", "Re: Fwd: Price"), ("Re: WG: Price", "Re: WG: Price"),
    ("", "Re:"), ("Report: 3", "Re: Report: 3"), ("Re: ", "Re:"),
])  # fmt: skip
def test_other_words_before_a_colon_stay(subject, said):
    assert reply_subject(subject) == said


def test_letters_beyond_ascii_arrive():
    mail = sent(
        subject="Größe " * 30,
        text="Grüße 你好 😀",
        sender=Mailbox("bot@firm.example", "Büro"),
        to="anna@müller.example",
    )
    assert mail["Subject"] == "Re: " + ("Größe " * 30).strip()
    assert mail["From"].addresses[0].display_name == "Büro"
    assert mail["To"] == "anna@xn--mller-kva.example"
    assert "Grüße 你好 😀" in mail.get_body(("plain",)).get_content()
    assert "Grüße 你好 😀" in mail.get_body(("html",)).get_content()


EVIL = st.text(max_size=60) | st.lists(
    st.sampled_from(("\r\n", "\n", "\r", "\u2028", "\0", "Bcc: eve@evil.example", "<", ">", '"', "=?", " "))
).map("".join)
NAMES = [
    "Content-Type",
    "MIME-Version",
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
]


@given(EVIL, EVIL, EVIL, EVIL, EVIL)
def test_no_header_can_be_smuggled_in(subject, name, answers, reference, text):
    raw = compose(
        letter(
            subject=subject,
            sender=Mailbox("bot@firm.example", name),
            answers=answers,
            references=(reference,),
            text=text,
            to=f"anna{name}@people.example",
        ),
        NOW,
    )
    head = raw.partition(b"\r\n\r\n")[0]
    assert all(line[:1] in b" \t" or line.split(b":")[0].decode() in NAMES for line in head.split(b"\r\n"))
    assert head.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@given(st.text(max_size=300))
def test_any_answer_arrives_as_text_as_it_came(text):
    said = sent(text=text).get_body(("plain",)).get_content()
    assert (
        said.splitlines()
        == (text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").rstrip() + "\n").splitlines()
    )


def test_the_question_is_quoted_below_and_our_own_reading_takes_it_off():
    quoted = Quoted("Anna Berg <anna@people.example>", NOW, "What is\nthe price?")
    text = sent(quoted=quoted, notes=("It was long.",)).get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert (
        "**Yes.**\n\nNote: It was long.\n\nOn Sun, 29 Nov 2026 at 12:00 UTC, Anna Berg <anna@people.example> wrote:"
        in text
    )
    assert "> What is\n> the price?" in text
    assert part(text, "Re: A question").new == "**Yes.**\n\nNote: It was long."


def test_a_long_question_is_quoted_in_part():
    text = sent(quoted=Quoted("Anna", NOW, "word " * 10_000)).get_body(("plain",)).get_content()
    assert len(text) < 25_000
    assert CUT.strip() in text


def test_a_mail_that_begins_a_thread_answers_nothing():
    mail = sent(answers="", submitted="auto-generated")
    assert (mail["In-Reply-To"], mail["References"], mail["Subject"]) == (None, None, "A question")
    assert mail["Auto-Submitted"] == "auto-generated"
