"""Addresses are read strictly where trust hangs on them, and never with an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doors.mail.addresses import Mailbox, addresses_in, is_allowed, one_mailbox, untagged


@pytest.mark.parametrize(("value", "mailbox"), [
    ("anna@x.example", Mailbox("anna@x.example")),
    ("<Anna@X.Example.>", Mailbox("anna@x.example")),
    ('"Berg, Anna (Bonn)" <anna@x.example>', Mailbox("anna@x.example", "Berg, Anna (Bonn)")),
    ("Berg, Anna <anna@x.example>", Mailbox("anna@x.example", "Berg, Anna")),
    ("anna@x.example (Anna Berg)", Mailbox("anna@x.example")),
    ("=?utf-8?q?J=C3=BCrgen?= <j@x.example>", Mailbox("j@x.example", "Jürgen")),
    ("j@xn--mller-kva.example", Mailbox("j@müller.example")),
    ("a+b.c_d@x.example", Mailbox("a+b.c_d@x.example")),
])  # fmt: skip
def test_one_person_is_read(value, mailbox):
    assert one_mailbox(value) == mailbox


@pytest.mark.parametrize("value", [
    "", "Anna", "a@x.example, b@x.example", "<a@x.example>, b@x.example", "a@x.example, <b@x.example>", "<a@x><b@x>",
    "<a@x> b@x",
    "group: a@x.example;", '"', "<", "<>", "@x.example", "a@", "a@b@c.example",
    "((((a@x.example", '"a@x.example', "a@x.example>",
])  # fmt: skip
def test_what_could_be_read_in_two_ways_is_nobody(value):
    assert one_mailbox(value) is None


@given(st.text(max_size=200) | st.text(alphabet='<>()",;:@\\a.= ?\r\n', max_size=200))
def test_any_text_is_read_without_an_error(value):
    found = one_mailbox(value)
    assert found is None or (found.local and found.domain and "\n" not in found.name)
    assert all("@" in address for address in addresses_in(value))
    assert isinstance(is_allowed(value, (value, "*")), bool)


def test_a_tag_is_no_part_of_who_it_is():
    assert untagged("Bot+orders@X.example") == "bot@x.example"
    assert untagged("+x@y.example") == "+x@y.example"
