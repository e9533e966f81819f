"""The longer forms of an answer: a table, a code block, an essay with everything Markdown has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playground.claude.mind.facts import key_words, numbers, words
from playground.claude.mind.reading import Asked


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def question_table(asked: Asked) -> str:
    """A table about the question itself."""
    rows = [
        ["Words", str(len(words(asked.question)))],
        ["Key words", ", ".join(key_words(asked.question)) or "none"],
        ["Figures", ", ".join(numbers(asked.question)) or "none"],
    ]
    return "Here is your question as a table:\n\n" + table(["What", "Value"], rows)


def listed(question: str) -> list[str]:
    """The things of "a table of oak, pine and ash": what stands after "of" or a colon, by its commas."""
    found = re.search(r"(?:\btable\b[^:]*?\b(?:of|with)\b|:)\s*(?:these \d+ words:)?\s*(.+)", question, re.DOTALL)
    text = found.group(1).rsplit(":", 1)[-1] if found else ""
    return [thing for part in re.split(r"[,;\n]|\band\b", text) if (thing := part.strip(' .?!"“”'))][:20]


def list_table(things: Sequence[str]) -> str:
    """Those things as a table, with what can be counted of them."""
    rows = [[str(at), thing, str(sum(map(str.isalpha, thing)))] for at, thing in enumerate(things, start=1)]
    longest = max(things, key=len)
    return f"{table(['Nr.', 'What', 'Letters'], rows)}\n\nThe longest of the {len(things)} is **{longest}**."


def comparison(one: str, other: str) -> str:
    """Two things side by side, as far as their words go."""
    rows = [
        ["Letters", *(str(sum(map(str.isalpha, thing))) for thing in (one, other))],
        ["Words", *(str(len(words(thing))) for thing in (one, other))],
        ["Begins with", *(thing[:1].upper() for thing in (one, other))],
    ]
    return f"{table(['', one, other], rows)}\n\nA stand-in compares words. Claude would compare {one} and {other}."


def code(asked: Asked) -> str:
    """A small working program about the words of the question."""
    topic = (key_words(asked.question, 6) or ["text"])[-1].lower()
    name = "".join(char for char in topic if char.isalnum() and char.isascii()) or "text"
    name = f"n{name}" if name[0].isdigit() else name
    return (
        "Here is a small program:\n\n"
        "```python\n"
        "from collections import Counter\n\n\n"
        f"def count_{name}(text: str, most: int = 3) -> list[tuple[str, int]]:\n"
        f'    """The most frequent words of a text, each with how often it stands there."""\n'
        "    words = [word.strip('.,;:!?') for word in text.lower().split()]\n"
        "    return Counter(word for word in words if word).most_common(most)\n\n\n"
        f'for word, times in count_{name}("One fish, two fish, red fish, blue fish."):\n'
        '    print(f"{times:>3}  {word}")\n'
        "```\n\n"
        "It needs nothing but Python itself, and prints `fish` first: it stands there four times. Pass it any text."
    )


def essay(asked: Asked) -> str:
    """Several thousand characters with headings, paragraphs, a list, a code block and a table."""
    topics = [*key_words(asked.question, 6), "the question", "its parts", "the answer", "what follows"][:6]
    chapters = [_chapter(at, topic, topics) for at, topic in enumerate(topics, start=1)]
    rows = [[str(at), topic, f"{len(topic)} letters"] for at, topic in enumerate(topics, start=1)]
    return "\n\n".join(
        [
            f"# On {topics[0]}",
            f"You asked: “{asked.question[:300]}” What follows takes it apart, one piece after the other.",
            *chapters,
            "## At a glance",
            table(["Nr.", "Piece", "Size"], rows),
            "## In one line of code",
            f"```python\npieces = {topics!r}\nprint(len(pieces))  # {len(topics)}\n```",
            f"## In short\n\nThe {len(topics)} pieces above belong together; **{topics[0]}** carries the rest.",
        ]
    )


def _chapter(at: int, topic: str, topics: Sequence[str]) -> str:
    other = topics[at % len(topics)]
    return (
        f"## {at}. {topic[:1].upper() + topic[1:]}\n\n"
        f"The first thing to say about *{topic}* is where it stands: it is piece {at} of {len(topics)} in what was "
        f"asked, and it leads on to *{other}*. Read by itself it is easy to overlook, because a question is usually "
        "read from its end, and the end is where the wish is. Read together with the rest it tells what the wish "
        "rests on.\n\n"
        f"Three things follow for {topic}:\n\n"
        f"1. It should be named once, in the words of whoever asked, and then kept: **{topic}**.\n"
        f"2. It should be weighed against {other}, since neither says much alone.\n"
        "3. It should be checked last, when everything else is in place, so that nothing is counted twice.\n\n"
        f"A short check, then: is {topic} still what it was at the start? If it is, the piece is done. If it is not, "
        f"the way back leads over {other}, and it is worth the walk."
    )
