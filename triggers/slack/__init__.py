"""The Slack door, inwards: what people write and press becomes events."""

from triggers.slack.listeners import Wiring
from triggers.slack.trigger import SlackTrigger

__all__ = ["SlackTrigger", "Wiring"]
