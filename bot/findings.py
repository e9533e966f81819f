"""What `bot check` says of one thing it tested: fine, or what is wrong and how to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject` is what was tested ("Slack bot token"), `words` what was found, `fix` what to do when it is not ok."""

    door: str
    subject: str
    ok: bool
    words: str
    fix: str = ""
