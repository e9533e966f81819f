"""Trust: MAIL_ALLOW, what our own host found of the sender, and where an answer may go."""

import pytest

from tests.triggers.mail.kept import BOT, mail
from triggers.mail.reading import read_mail
from triggers.mail.trust import answer_to, why_untrusted

HOST = "mx.firm.example"
PASS = f"{HOST}; spf=pass smtp.mailfrom=people.example; dmarc=pass (p=NONE) header.from=people.example"


def why(allow=("@people.example",), authserv="", **headers):
    return why_untrusted(read_mail(mail(**headers)), allow, authserv)


@pytest.mark.parametrize(
    "allow", [("*",), ("@people.example",), ("anna@people.example",), ("x@y", " ANNA@People.Example ")]
)
def test_whom_mail_allow_names_is_answered(allow):
    assert why(allow) == ""


@pytest.mark.parametrize(
    "allow", [(), ("@example",), ("@le.example",), ("people.example",), ("@",), ("ann@people.example",)]
)
def test_others_are_not(allow):
    assert "MAIL_ALLOW" in why(allow)


@pytest.mark.parametrize(
    "sender", ["Anna <anna@people.example.evil.example>", '"anna@people.example" <eve@evil.example>']
)
def test_a_name_that_looks_like_an_address_does_not_help(sender):
    assert "evil.example" in why(From=sender)


@pytest.mark.parametrize(
    "results",
    [
        PASS,
        f"{HOST} 1; dmarc = pass header.from=PEOPLE.example",
        f'{HOST.upper()}; dkim=pass reason="a; dmarc=fail (x"; dmarc=pass action=none header.from="people.example"',
        f"{HOST} (a (nested) comment; dmarc=fail); dmarc=pass header.from=people.example",
    ],
)
def test_what_our_host_vouches_for_is_answered(results):
    assert why(authserv=HOST, Authentication_Results=results) == ""


@pytest.mark.parametrize(
    "results",
    [
        None,
        f"{HOST}; none",
        f"{HOST}; dmarc=fail header.from=people.example",
        f"{HOST}; dmarc=pass header.from=evil.example",
        f"{HOST}; dmarc=pass",
        f"{HOST}; spf=pass (dmarc=pass header.from=people.example)",
        f'{HOST}; spf=pass reason="; dmarc=pass header.from=people.example"',
        f"{HOST}; xdmarc=pass header.from=people.example",
        f"{HOST}; dmarc=pass header.from=people.example; dmarc=fail header.from=people.example",
        "mx.evil.example; dmarc=pass header.from=people.example",
        "",
    ],
)
def test_what_it_does_not_vouch_for_is_not(results):
    assert HOST in why(authserv=HOST, Authentication_Results=results)


def test_only_the_topmost_result_of_our_host_counts():
    below = f"{HOST}; dmarc=fail header.from=people.example\r\nAuthentication-Results: {PASS}"
    assert "dmarc=fail" in why(authserv=HOST, Authentication_Results=below)
    above = f"mx.evil.example; dmarc=fail\r\nAuthentication-Results: {PASS}"
    assert why(authserv=HOST, Authentication_Results=above) == ""


@pytest.mark.parametrize(
    ("reply_to", "allow", "to"),
    [
        (None, ("*",), "anna@people.example"),
        ("Team <team@people.example>", ("*",), "team@people.example"),
        ("eve@evil.example", ("*",), "anna@people.example"),
        ("ben@other.example", ("@people.example", "ben@other.example"), "ben@other.example"),
        ("a@people.example, eve@evil.example", ("*",), "anna@people.example"),
        ("x@people.example\r\nReply-To: y@people.example", ("*",), "anna@people.example"),
        (BOT, ("@firm.example",), "anna@people.example"),
    ],
)
def test_an_answer_goes_to_reply_to_only_where_that_is_the_senders_domain_or_allowed(reply_to, allow, to):
    assert answer_to(read_mail(mail(Reply_To=reply_to)), allow, (BOT,)) == to
