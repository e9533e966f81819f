"""Whether a mail is from whom it says it is: what our own receiving host found, and no one else (RFC 8601). Pure."""

from __future__ import annotations

import re

from bot.doors.mail.addresses import is_allowed, normal, without_comments
from triggers.mail.reading import Mail

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[^;"]+|;')
_DMARC = re.compile(r"dmarc\s*(?:/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_FROM = re.compile(r"""(?:^|\s)header\.from\s*=\s*"?([^\s;"]+)""", re.IGNORECASE)
NO_SENDER = "it does not say from whom it is, or names several"


def why_untrusted(mail: Mail, allow: tuple[str, ...], authserv: str) -> str:
    """Why its sender is not answered, as a clause; "" when they are.

    `allow` is MAIL_ALLOW, `authserv` MAIL_AUTHSERV; where that is "", what the mail says of its sender is believed.
    """
    if mail.sender is None:
        return NO_SENDER
    if not is_allowed(mail.sender.address, allow):
        return f"MAIL_ALLOW does not name {mail.sender.address}"
    return why_unproved(mail, authserv) if authserv else ""


def why_unproved(mail: Mail, authserv: str) -> str:
    """Why the host `authserv` does not vouch for the sender's domain; "" when it does.

    Only the topmost of its own results counts: those below came with the mail, and anybody can write them.
    """
    results = next(
        (r for r in mail.headers.all("authentication-results") if _host(r) == authserv.strip().lower()), None
    )
    if results is None:
        return f"{authserv} (MAIL_AUTHSERV) did not say whether its sender is real"
    found = [piece for piece in _pieces(results)[1:] if _DMARC.match(piece)]
    verdicts = {match[1].lower() for piece in found if (match := _DMARC.match(piece))}
    if verdicts != {"pass"}:
        return f"{authserv} found dmarc={'none' if not verdicts else min(verdicts - {'pass'})}"
    domain = mail.sender.domain if mail.sender else ""
    proved = {normal(match[1]).rpartition("@")[2] for piece in found if (match := _FROM.search(piece))}
    return "" if proved == {domain} else f"{authserv} vouches for another domain than {domain}"


def _host(results: str) -> str:
    words = _pieces(results)[0].split()
    return words[0].lower() if words else ""


def _pieces(results: str) -> list[str]:
    """The results, the host first; a semicolon within quotes divides nothing, and comments say nothing."""
    pieces = [""]
    for run in _PIECE.findall(_bare(results)):
        if run == ";":
            pieces.append("")
        else:
            pieces[-1] += run
    return [piece.strip() for piece in pieces]


def _bare(results: str) -> str:
    # A bracket within quotes opens no comment.
    quoted: list[str] = []

    def kept(match: re.Match[str]) -> str:
        quoted.append(match[0])
        return f"\x00{len(quoted) - 1}\x00"

    bare = without_comments(re.sub(r'"(?:[^"\\]|\\.)*"', kept, results[:10_000]))
    return re.sub(r"\x00(\d+)\x00", lambda match: quoted[int(match[1])], bare)


def answer_to(mail: Mail, allow: tuple[str, ...], own: tuple[str, ...]) -> str:
    """The address that the answer goes to: Reply-To where it is the sender's domain or allowed, else From; "" for none.

    An `allow` of everybody allows no Reply-To: whoever writes would have us write to anybody.
    """
    if mail.sender is None:
        return ""
    other, named = mail.reply_to, tuple(entry for entry in allow if entry.strip() != "*")
    if other is None or len(mail.headers.all("reply-to")) != 1 or other.address in own:
        return mail.sender.address
    fits = other.domain == mail.sender.domain or is_allowed(other.address, named)
    return other.address if fits else mail.sender.address
