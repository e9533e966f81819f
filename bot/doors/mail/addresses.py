"""Mail addresses: who a mail is from, whom it names, who is meant by MAIL_ALLOW. Strict where trust hangs on it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.doors.mail.headers import MOST_CHARS, decoded

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ADDRESS = re.compile(r'[^\s@<>"(),:;\[\]\\]{1,64}@[^\s@<>"(),:;\[\]\\]{1,255}')
_ANGLED = re.compile(r"<\s*([^<>]*?)\s*>")
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody's address, in lower case, and the name beside it; "" where there is none."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]

    @property
    def local(self) -> str:
        """What stands before the @."""
        return self.address.rpartition("@")[0]


def one_mailbox(value: str) -> Mailbox | None:
    """The one mailbox in a header such as From; None when there is none, or when it could be read in two ways."""
    value = value[:MOST_CHARS]
    bare = without_comments(_QUOTED.sub(lambda quoted: "\x00" * len(quoted[0]), value))
    angled = list(_ANGLED.finditer(bare))
    if len(angled) > 1 or bare.count("<") != len(angled) or bare.count(">") != len(angled):
        return None
    if not angled:
        found = _clean(bare)
        return Mailbox(found) if found else None
    address, phrase = _clean(angled[0][1]), bare[: angled[0].start()]
    # "Berg, Anna <anna@…>" without its quotes is one person; "a@x.org, <b@x.org>" is two.
    is_list = any("@" in part for part in phrase.split(",")[:-1]) or bare[angled[0].end() :].strip()
    if not address or is_list:
        return None
    return Mailbox(address, _name(value[: angled[0].start()] if len(bare) == len(value) else phrase))


def _clean(text: str) -> str:
    text = text.strip()
    return normal(text) if _ADDRESS.fullmatch(text) else ""


def _name(phrase: str) -> str:
    return decoded(phrase.replace("\x00", "").strip().strip('"').replace('\\"', '"'))


def without_comments(text: str) -> str:
    """The text without what stands in round brackets, however deep; one that never closes takes all that follows."""
    kept, depth = [], 0
    for letter in text:
        depth += letter == "("
        if not depth:
            kept.append(letter)
        depth -= letter == ")" and depth > 0
    return "".join(kept)


def addresses_in(value: str) -> tuple[str, ...]:
    """Every address that a header such as To names, in lower case, each once."""
    return tuple(dict.fromkeys(normal(found[0]) for found in _ADDRESS.finditer(value)))


def normal(address: str) -> str:
    """An address as it is compared: in lower case, an international domain in letters."""
    local, _, domain = address.strip().lower().rpartition("@")
    domain = domain.rstrip(".")
    if "xn--" in domain:
        with contextlib.suppress(UnicodeError, ValueError):
            domain = domain.encode("ascii").decode("idna")
    return f"{local}@{domain}" if local else domain


def untagged(address: str) -> str:
    """The address without what stands behind a plus: `bot+orders@…` is `bot@…`."""
    local, _, domain = normal(address).rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def is_allowed(address: str, allow: Sequence[str]) -> bool:
    """Whether MAIL_ALLOW names this address, its @domain (not the domains below it), or everybody."""
    address = normal(address)
    for entry in allow:
        wanted = entry.strip()
        if wanted == EVERYBODY or (wanted.startswith("@") and address.rpartition("@")[2] == normal(wanted[1:])):
            return True
        if "@" in wanted[1:] and address == normal(wanted):
            return True
    return False
