"""The Slack door, inwards: what people write and press becomes events."""

from triggers.slack.trigger import SlackTrigger, Wiring

__all__ = ["SlackTrigger", "Wiring"]
