"""The demo's form and program: their rules, and what both are set up with."""

from __future__ import annotations

FORM, PROGRAM = "feedback", "program"
RULES = f"""\

[[rule]]
name = "{FORM}"
on = "webhook"
hook = "{FORM}"
title = "Tell us what went wrong"
intro = "Two or three sentences are enough. You get an answer right here."
thanks = "Thank you. Here is a first answer."
fields = {{ Name = "text", Kind = ["bug", "wish", "question"], Message = "long", "Screenshot?" = "file" }}
ask = "Answer this {{Kind}} from {{Name}} kindly, with what to try next: {{Message}}"
embed = ["http://127.0.0.1:*", "http://localhost:*"]

[[rule]]
name = "{PROGRAM}"
on = "webhook"
hook = "{PROGRAM}"
callback = "{{callback}}"
callback_secret_env = "CALLBACK_SECRET"
"""


def hook_rules(callback: str) -> str:
    """The rules, with the address where receipts are sent."""
    return RULES.replace("{callback}", callback)
