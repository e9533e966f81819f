"""What a rule on mail may say beyond the common keys."""

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
