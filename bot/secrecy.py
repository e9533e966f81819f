"""What may be a secret is never said: how it is told from other text, and what stands in its place. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote

STARTS = (
    r"sk-[A-Za-z0-9]", r"xox[a-z]-", r"xoxe\.", r"xapp-", r"gh[oprsu]_", r"github_pat_", r"glpat-", r"AKIA[A-Z0-9]",
    r"AIza", r"ya29\.", r"GOCSPX-", r"1//0", r"whsec_", r"[rs]k_(?:live|test)_", r"eyJ[A-Za-z0-9]",
)  # fmt: skip
"""How vendors begin their keys and tokens, so that people and scanners know them."""
_TOKEN = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(STARTS)})[^\s\"'<>,;)\]}}]*")
_PEM = re.compile(r"-----BEGIN[\s\S]*?(?:-----END[^-]*-----|$)")
_PRIVATE_KEY = re.compile(r'("private_key(?:_id)?"\s*:\s*)"[^"]*"?')
_USERINFO = re.compile(r"(://[^\s/:@]*:)[^\s]*@")
_IN_QUERY = re.compile(r"([?&](?:password|passwd|secret|token|key|sslpassword)=)[^&\s]*", re.IGNORECASE)
_RANDOM = re.compile(r"(?=\w*\d)(?=\w*[A-Za-z])\w{20,}")
"""Letters and digits without a break: what a generator makes, and seldom a name."""
_WORD = re.compile(r"[^\W\d_]{1,20}(?:[ :_-][^\W\d_]{1,20})*|-?\d{1,9}(?:\.\d{1,9})?")
MOST_SHOWN = 60
LONGEST_NAME = 200
STARS = "***"


def hidden(text: str) -> str:
    """The text with stars for every stretch that is a key, a token or a password by its form."""
    for pattern, stars in ((_PEM, STARS), (_PRIVATE_KEY, rf'\1"{STARS}"'), (_USERINFO, rf"\1{STARS}@"),
                           (_IN_QUERY, rf"\1{STARS}"), (_TOKEN, STARS)):  # fmt: skip
        text = pattern.sub(stars, text)
    return text


def looks_secret(text: str) -> bool:
    """Whether text that should be no secret is one: it begins as a token does, or is a key file's content."""
    is_key_file = "private_key" in text or "-----BEGIN" in text or (len(text) > LONGEST_NAME and holds_a_key(text))
    return is_key_file or bool(_TOKEN.match(text.strip()))


def holds_a_key(text: str) -> bool:
    """Whether this is the content of a key file where its name should stand."""
    start = text.lstrip("\ufeff \t\r\n'\"")[:64]
    return start.startswith(("{", "-----BEGIN")) or _decoded(start).lstrip().startswith((b"{", b"-----BEGIN"))


def passwords_in(url: str) -> tuple[str, ...]:
    """The passwords that a URL carries, as they stand there and as they are meant."""
    if "://" not in url:
        return ()
    found = [match[1] for match in re.finditer(r"://[^\s/:@]*:([^\s]*)@", url)]
    found += [match[0].partition("=")[2] for match in _IN_QUERY.finditer(url)]
    return tuple(dict.fromkeys(text for password in found for text in (password, unquote(password)) if text))


def shown(value: object) -> str:
    """A value of a rules file as an error may quote it: words and numbers as they are, of all else the kind."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)[:MOST_SHOWN]
    if isinstance(value, str):
        is_plain = len(value) <= MOST_SHOWN and _WORD.fullmatch(value) and not looks_secret(value)
        return repr(value) if is_plain or not value.strip() else f"a text of {len(value)} characters"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "a table" if isinstance(value, dict) else "a date or time"


def shown_path(path: object) -> str:
    """A path or an id out of the settings as a message may quote it, with stars for what may be a secret."""
    text = hidden(str(path))
    if "@" in text or "://" in text or "\n" in text or len(text) > 4 * MOST_SHOWN:
        return STARS
    return _RANDOM.sub(STARS, text)


def _decoded(start: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9+/_-]{64}", start):
        return b""
    try:
        return base64.b64decode(start, altchars=b"-_" if set(start) & {"-", "_"} else None)
    except (binascii.Error, ValueError):
        return b""
