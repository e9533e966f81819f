"""What people write who want no more: the bare word, in whatever dress and in a few languages. Pure."""

# ruff: noqa: SIM905  # the words of many languages, as people type them, in lines

from __future__ import annotations

import re

from bot.doors.slack.wire import MENTION

STOP_WORDS = frozenset(
    "stop stopp stops halt cancel abort quit stoppen anhalten abbrechen abbruch aufhören aufhoeren schluss "
    "arrête arrete arrêter arreter annule annuler détener detener detente para parar pare cancela cancelar basta ferma "
    "fermati annulla stoppe stanna avbryt stoppa anuluj zatrzymaj стоп стой отмена отменить dur iptal 停止 中止 取消 "
    "やめて ストップ 중지 멈춰 nevermind".split()
)
STOP_PHRASES = frozenset(
    {"brich ab", "hör auf", "hoer auf", "hör bitte auf", "never mind", "that's enough", "arrête toi"}
)
FILLERS = frozenset(
    "please pls plz now it this that here ok okay hey hi no immediately bellhop bot claude thanks thank you writing "
    "typing answering generating responding talking bitte jetzt sofort das danke mal s'il te vous plait plaît merci "
    "por favor ya per favore grazie пожалуйста".split()
)
"""What may stand around the word without making a sentence of it."""
WORDS_AT_MOST = 6
EMOJI = re.compile(r":[a-z0-9_+'-]+:")
ORNAMENTS = re.compile(r"[^\w'’?]+|_+")


def is_stop(text: str, bot_user: str) -> bool:
    """Whether a message says nothing but that: "@Bellhop stop", "*stop*", "please stop!!", and no question.

    `text` is as Slack hands it over, with tokens; a message that addresses somebody else is none of ours.
    """
    if set(MENTION.findall(text)) - {bot_user}:
        return False
    plain = ORNAMENTS.sub(" ", EMOJI.sub(" ", MENTION.sub(" ", text))).replace("’", "'").casefold().strip()
    words = plain.split()
    if "?" in plain or not 0 < len(words) <= WORDS_AT_MOST:
        return False
    rest = [word for word in words if word not in FILLERS]
    return (
        " ".join(words) in STOP_PHRASES
        or " ".join(rest) in STOP_PHRASES
        or (bool(rest) and all(word in STOP_WORDS for word in rest))
    )
