"""A strict local stand-in of Slack: the Web API, Socket Mode, files and people, all on loopback."""

from playground.slack.clock import Clock, HandClock, RunningClock
from playground.slack.faults import Fault, Plan
from playground.slack.options import Options
from playground.slack.stand_in import SlackStandIn

__all__ = ["Clock", "Fault", "HandClock", "Options", "Plan", "RunningClock", "SlackStandIn"]
