"""What Slack heard in a recording: the transcript in its file object, or beside it as WebVTT. Pure.

The object's reference page leaves it out; the shape is the one that the Web API answers with: `transcription` with
`status` and `preview` (`content`, `has_more`), and the whole text at the address `vtt`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.context.slack.message_text import CLIPS, transcript_of

UNDERWAY = {"processing", "pending", "queued", "in_progress"}
TIMING = re.compile(r"^\s*(?:\d+:)?\d\d:\d\d\.\d{3}\s+-->")
NOTES = ("WEBVTT", "NOTE", "STYLE", "REGION", "X-TIMESTAMP-MAP")
TAG = re.compile(r"</?[a-zA-Z0-9][^<>]*>")
NOT_YET = "Slack has not written down yet what is said in it. Ask again in a minute."
UNHEARD = "I cannot listen to recordings, and Slack has no transcript of this one. Say in words what is in it."


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound or film. `heard` is what Slack wrote down, `goes_on` whether there is more, `vtt` where all of it is."""

    heard: str = ""
    goes_on: bool = False
    vtt: str = ""
    is_underway: bool = False

    @property
    def why_unheard(self) -> str:
        """Why nobody knows what is said in it."""
        return NOT_YET if self.is_underway else UNHEARD


def recording_of(file: Mapping[str, Any]) -> Recording | None:
    """The file as a recording; None when it is none."""
    sound = str(file.get("mimetype") or "").startswith(("audio/", "video/"))
    transcription = file.get("transcription")
    if not sound and file.get("subtype") not in CLIPS and not transcription:
        return None
    heard, whole = transcript_of(file)
    status = str(transcription.get("status") or "") if isinstance(transcription, Mapping) else ""
    vtt = str(file.get("vtt") or "")
    return Recording(heard, not whole and bool(heard or vtt), vtt, not heard and status in UNDERWAY)


def transcript_from_vtt(content: bytes) -> str:
    """The words of a WebVTT file, without its times. https://www.w3.org/TR/webvtt1/"""
    blocks = re.split(r"\n[ \t]*\n", content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n"))
    said = [line for block in blocks for line in _cue(block.strip("\n").split("\n"))]
    return "\n".join(said)


def _cue(lines: list[str]) -> list[str]:
    if lines[0].startswith(NOTES):
        return []
    timed = next((number for number, line in enumerate(lines) if TIMING.match(line)), None)
    if timed is None:
        return []
    return [text for line in lines[timed + 1 :] if (text := TAG.sub("", line).strip())]
