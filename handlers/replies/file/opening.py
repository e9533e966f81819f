"""How replies beside a file are opened."""

from __future__ import annotations

from bot.events import Address, Event, FilePath
from bot.parts import Parts
from handlers.replies.file.reply import FileReply


class FileReplies:
    """Makes a reply for each event; it holds nothing."""

    def reply_for(self, event: Event, *, watched: bool) -> FileReply:
        """The reply beside the event's file; a file does not grow before anybody's eyes."""
        del watched
        assert isinstance(event.reply_to, FilePath)
        return FileReply(event, event.reply_to)

    async def note(self, address: Address, words: str) -> None:
        """Nobody is there to see it."""

    async def aclose(self) -> None:
        """Nothing is held."""


def open_replies(_parts: Parts) -> FileReplies:
    """Replies beside files."""
    return FileReplies()
