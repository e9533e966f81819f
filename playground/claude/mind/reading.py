"""How the stand-in reads a request: what is asked, what came with it, what was said before."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from playground.claude.pdf import page_texts
from playground.claude.picture import size_of
from playground.claude.turns import blocks_of

_PAPER = re.compile(r"<((?:document|file|attachment)(?:-\w+)?)((?:\s[^>]*)?)>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_FENCED = re.compile(r"<(\w+-[0-9a-f]{8,})(?:\s[^>]*)?>(.*?)</\1>", re.DOTALL)
"""Text from outside, marked by the caller with a tag that it cannot close: what a person really said."""
_WHO = re.compile(r"^\[[^\]\n]+\] [^\n]+:$", re.MULTILINE)
"""A line that says who asks and when, above what they ask."""
_NAME = re.compile(r"(?:name|title|filename|source)=[\"']([^\"']+)[\"']", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z_][\w-]*(?:\s[^<>]*)?/?>")


@dataclass(frozen=True, slots=True)
class Paper:
    """One document: its name, its text and, for a PDF, its pages."""

    name: str
    text: str
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One image: its kind ("png") and its size in pixels."""

    kind: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request comes to. `earlier` are the questions before this one, oldest first."""

    question: str
    papers: tuple[Paper, ...]
    pictures: tuple[Picture, ...]
    earlier: tuple[str, ...]


def read(body: dict[str, Any]) -> Asked:
    """Read the last user message as the question, all messages for what came with them."""
    users = [blocks_of(message["content"]) for message in body["messages"] if message["role"] == "user"]
    blocks = [block for message in users for block in message]
    questions = [question for question in map(_question, users) if question]
    papers = [paper for block in blocks for paper in _papers(block)]
    pictures = [_picture(block) for block in blocks if block["type"] == "image"]
    last = questions[-1] if questions else ""
    return Asked(last, tuple(papers), tuple(pictures), tuple(questions[:-1]))


def _question(blocks: list[dict[str, Any]]) -> str:
    said = "\n".join(_PAPER.sub(" ", block["text"]) for block in blocks if block["type"] == "text")
    text = _WHO.sub("", said)
    fenced = "\n".join(match.group(2).strip() for match in _FENCED.finditer(text)).strip()
    return fenced or _TAG.sub("", text).strip()


def _papers(block: dict[str, Any]) -> list[Paper]:
    if block["type"] == "document":
        return [_document(block)]
    if block["type"] == "text":
        return [_tagged(match) for match in _PAPER.finditer(block["text"]) if match.group(3).strip()]
    return []


def _tagged(match: re.Match[str]) -> Paper:
    name = _NAME.search(match.group(2))
    return Paper(name.group(1) if name else "the attached document", _TAG.sub("", match.group(3)).strip())


def _document(block: dict[str, Any]) -> Paper:
    source, name = block["source"], block.get("title") or "the attached document"
    if source["type"] == "base64":
        texts = page_texts(base64.b64decode(source["data"]))
        return Paper(name, "\n".join(texts).strip(), len(texts))
    if source["type"] == "content":
        parts = [part.get("text", "") for part in blocks_of(source["content"])]
        return Paper(name, "\n".join(parts).strip())
    return Paper(name, _TAG.sub("", str(source.get("data", ""))).strip())


def _picture(block: dict[str, Any]) -> Picture:
    source = block["source"]
    width, height = size_of(base64.b64decode(source["data"]), source["media_type"])
    return Picture(source["media_type"].removeprefix("image/"), width, height)
