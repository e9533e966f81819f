"""What a rule on mail may say beyond the common keys, and which mails it means by that."""

from __future__ import annotations

from pydantic import Field

from bot.rules.keys import Filled, RuleKeys


class MailRule(RuleKeys):
    """Case-blind parts: of one of the addresses it is sent to, of the sender's address, of the subject.

    An empty key fits every mail. `from_` is the key `from`.
    """

    to: Filled = Field("", description="a part of an address in quotes")
    from_: Filled = Field("", alias="from", description="a part of an address in quotes")
    subject: Filled = Field("", description="a part of the subject in quotes")

    def fits(self, to: tuple[str, ...], sender: str, subject: str) -> bool:
        """Whether a mail with these decoded headers is this rule's. Pure; the first rule that fits takes the mail."""
        return (
            any(_holds(address, self.to) for address in (to or ("",)))
            and _holds(sender, self.from_)
            and _holds(subject, self.subject)
        )


def _holds(text: str, part: str) -> bool:
    return part.casefold() in text.casefold()
