"""The door to the stand-in of the Messages API: `ClaudeStandIn`, its faults and its pace."""

from playground.claude.faults import Fault, FaultKind
from playground.claude.playing import HUMAN, Pace
from playground.claude.record import Disconnect, RecordedRequest, Tally
from playground.claude.stand_in import DEFAULT_KEY, ClaudeStandIn, Script

__all__ = [
    "DEFAULT_KEY",
    "HUMAN",
    "ClaudeStandIn",
    "Disconnect",
    "Fault",
    "FaultKind",
    "Pace",
    "RecordedRequest",
    "Script",
    "Tally",
]
