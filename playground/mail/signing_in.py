"""How a client of the IMAP stand-in signs in: LOGIN, AUTHENTICATE PLAIN and XOAUTH2, and STARTTLS before them."""

from __future__ import annotations

import base64
import binascii
import re

from playground.mail.grammar import Arguments, Bad
from playground.mail.session import No, Session, capabilities


def starttls(session: Session, arguments: Arguments) -> str:
    """Go on in TLS, once OK is said."""
    arguments.end()
    if session.options.starttls is None or session.line.is_secure:
        raise Bad("STARTTLS is not for now")
    session.secures = True
    return "begin TLS now"


def login(session: Session, arguments: Arguments) -> str:
    """With a password in the clear."""
    arguments.space()
    user = arguments.astring()
    arguments.space()
    password = arguments.astring()
    arguments.end()
    if not session.options.passwords or (session.options.needs_tls and not session.line.is_secure):
        raise No("[PRIVACYREQUIRED] not with a password")
    return _sign_in(session, user, password)


def authenticate(session: Session, arguments: Arguments) -> str:
    """By PLAIN or XOAUTH2."""
    arguments.space()
    kind = arguments.atom().upper()
    arguments.end()
    if f"AUTH={kind}" not in capabilities(session).split():
        raise No("[CANNOT] no such way to sign in")
    said = _challenge(session, b"")
    if kind == "PLAIN":
        parts = said.split(b"\0")
        if len(parts) != 3:
            raise Bad("PLAIN has three parts")
        return _sign_in(session, parts[1], parts[2])
    return _sign_in_by_token(session, said)


def _sign_in_by_token(session: Session, said: bytes) -> str:
    found = re.fullmatch(rb"user=([^\x01]+)\x01auth=Bearer ([^\x01]+)\x01\x01", said)
    if not found:
        raise Bad("not what XOAUTH2 says")
    account = session.post.account(found[1].decode())
    if account is None or found[2].decode() not in account.tokens:
        # https://developers.google.com/workspace/gmail/imap/xoauth2-protocol: the client answers with nothing
        if _challenge(session, b'{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}'):
            raise Bad("an empty answer was expected")
        raise No("[AUTHENTICATIONFAILED] Invalid credentials (Failure)")
    session.account = account
    return "signed in"


def _challenge(session: Session, words: bytes) -> bytes:
    session.say(f"+ {base64.b64encode(words).decode()}")
    said = session.line.line()
    if said == b"*":
        raise Bad("the client gave up")
    try:
        return base64.b64decode(said, validate=True)
    except binascii.Error:
        raise Bad("not base64") from None


def _sign_in(session: Session, user: bytes, password: bytes) -> str:
    account = session.post.account(user.decode("utf-8", "replace"))
    if account is None or account.password.encode() != password:
        raise No("[AUTHENTICATIONFAILED] Authentication failed.")
    session.account = account
    return f"[CAPABILITY {capabilities(session)}] signed in"
