"""Small talk: greetings, thanks, who it is and what it can do, in English and in German."""

from __future__ import annotations

import re

from playground.claude.mind.facts import key_words, numbers, words

_GERMAN_WORDS = "ist der die das und was wie wer bitte ein eine ich du ihr nicht hallo danke kannst zwischen"
_GERMAN = frozenset(_GERMAN_WORDS.split())
_GREETING = re.compile(
    r"(hello|hi|hey|good (morning|evening|day)|hallo|guten (tag|morgen|abend)|moin)\b[^?]{0,20}", re.IGNORECASE
)
_THANKS = re.compile(r"(thanks|thank you|many thanks|danke|vielen dank)\b.{0,20}", re.IGNORECASE)
_ABILITY = re.compile(
    r"\b(what can you do|who are you|what are you|help me|was kannst du|wer bist du)\b|^help\b", re.IGNORECASE
)

_CAN = {
    "en": (
        "I am a stand-in that answers in Claude's place until you plug Claude in. I understand little, but I work with "
        "what you give me:\n\n"
        "- **a table**: *make a table of oak, pine, ash*\n"
        "- **a sum**: *what is 12 \u00d7 489*, *15% of 80*\n"
        "- **code**: *write Python code that counts guests*\n"
        "- **counting**: *how many words: the quick brown fox*\n"
        "- **a long answer**: *tell me in detail about hotels*\n"
        "- **a file**: attach one, or drop it into the folder"
    ),
    "de": (
        "Ich antworte hier an Claudes Stelle, bis Claude selbst angeschlossen ist. Ich verstehe wenig, arbeite aber "
        "mit dem, was ich bekomme: eine Tabelle (*table of Eiche, Kiefer, Esche*), eine Rechnung (*12 \u00d7 489*), "
        "ein kleines Programm (*Python code*), oder eine Datei."
    ),
}
_HELLO = {
    "en": "Hello! Ask me something, or ask *what can you do?*",
    "de": "Hallo! Frag mich etwas, oder: *Was kannst du?*",
}
_WELCOME = {"en": "You are welcome.", "de": "Gern geschehen."}


def language(text: str) -> str:
    """Whether it is German ("de") or not ("en")."""
    found = {word.lower() for word in words(text)} & _GERMAN
    return "de" if len(found) > 1 or found & {"hallo", "danke"} else "en"


def talk(question: str) -> str | None:
    """The answer to a greeting, to thanks, or to who this is; None for anything else."""
    said, tongue = question.strip(), language(question)
    if _ABILITY.search(said):
        return _CAN[tongue]
    if _GREETING.fullmatch(said):
        return _HELLO[tongue]
    return _WELCOME[tongue] if _THANKS.fullmatch(said) else None


def confess(question: str, echo: str) -> str:
    """What can honestly be said about a question that is not understood."""
    topics, figures, count = key_words(question), numbers(question), len(words(question))
    if language(question) == "de":
        about = f"Es geht um **{', '.join(topics)}**. " if topics else ""
        return (
            f"Gefragt war: “{echo}”\n\n{about}Mehr weiß ich nicht: Hier antwortet ein Stellvertreter, nicht Claude. "
            "*Was kannst du?* sagt, womit ich arbeite."
        )
    parts = [f"You asked: “{echo}”"]
    if topics:
        parts.append(f"It is about **{', '.join(topics)}**.")
    if figures:
        parts.append(f"The figures in it: {', '.join(figures)}.")
    parts.append(
        f"More than that, and that it has {count} word{'' if count == 1 else 's'}, I cannot tell: a stand-in answers "
        "here, not Claude. Ask *what can you do?* to see what I work with."
    )
    return "\n\n".join(parts)
