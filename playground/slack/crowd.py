"""The people of the workspace as one object: whatever they say, press and open, from any thread."""

from __future__ import annotations

from collections.abc import Mapping

from playground.slack import events, interactions, sharing, speech
from playground.slack.calls import Data
from playground.slack.courier import Courier, Delivery, Kind
from playground.slack.messages import Message
from playground.slack.state import Workspace


class Crowd:
    """Acts as a person, named by user id. What the app gets for it is delivered by the courier."""

    def __init__(self, workspace: Workspace, courier: Courier) -> None:
        self._workspace = workspace
        self._courier = courier

    def say(
        self, user: str, channel: str, text: str, thread_ts: str | None = None,
        files: Mapping[str, bytes] | None = None, *, broadcast: bool = False,
    ) -> str:  # fmt: skip
        """Write a message (`@bellhop hi` mentions the bot); returns its ts."""
        with self._workspace.lock:
            message = speech.say(
                self._workspace, user, channel, text, thread_ts=thread_ts, files=files, broadcast=broadcast
            )
            return message.ts

    def say_as_bot(
        self, user: str, channel: str, text: str, thread_ts: str | None = None, *, classic: bool = False,
        blocks: list[Data] | None = None, attachments: list[Data] | None = None,
    ) -> str:  # fmt: skip
        """Write as another app; returns the ts. `classic`: with the subtype bot_message."""
        with self._workspace.lock:
            message = speech.say_as_bot(
                self._workspace, user, channel, text, thread_ts=thread_ts, classic=classic, blocks=blocks,
                attachments=attachments,
            )  # fmt: skip
            return message.ts

    def forward(self, user: str, channel: str, source_ts: str, text: str = "", thread_ts: str | None = None) -> str:
        """Forward a message of any channel, with words of one's own or without; returns the ts."""
        with self._workspace.lock:
            source = self.find(source_ts)
            return sharing.forward(self._workspace, user, channel, source, text, thread_ts=thread_ts).ts

    def paste_table(
        self, user: str, channel: str, rows: list[list[str]], text: str = "", thread_ts: str | None = None
    ) -> str:
        """Paste cells of a spreadsheet; returns the ts."""
        with self._workspace.lock:
            return sharing.paste_table(self._workspace, user, channel, rows, text, thread_ts=thread_ts).ts

    def unfurl(self, channel: str, ts: str, page: Data) -> None:
        """A link of a message shows its page: `title`, `text`, `service_name`, `from_url`."""
        with self._workspace.lock:
            sharing.unfurl(self._workspace, channel, ts, page)

    def record_clip(
        self, user: str, channel: str, spoken: str, thread_ts: str | None = None, *, preview: int = 200,
        status: str = "complete",
    ) -> str:  # fmt: skip
        """Record a voice clip; returns the ts. See sharing.record_clip."""
        with self._workspace.lock:
            return sharing.record_clip(
                self._workspace, user, channel, spoken, thread_ts=thread_ts, preview=preview, status=status
            ).ts

    def share_page(
        self, user: str, channel: str, page: str, thread_ts: str | None = None, *, kind: str, name: str
    ) -> str:
        """Share a canvas (kind "quip") or a mail ("email"); returns the ts."""
        with self._workspace.lock:
            content, place = page.encode(), {"thread_ts": thread_ts}
            return sharing.share_page(self._workspace, user, channel, content, kind=kind, name=name, **place).ts

    def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Edit one's own message."""
        with self._workspace.lock:
            speech.edit(self._workspace, user, channel, ts, text)

    def delete(self, channel: str, ts: str) -> None:
        """Delete one's own message."""
        with self._workspace.lock:
            speech.delete(self._workspace, channel, ts)

    def react(self, user: str, channel: str, ts: str, name: str) -> None:
        """Put an emoji on a message, or take it off."""
        with self._workspace.lock:
            speech.react(self._workspace, user, channel, ts, name)

    def join(self, user: str, channel: str, inviter: str | None = None) -> None:
        """Become a member of a channel; user "U0BELLHOP" is the bot being invited."""
        with self._workspace.lock:
            speech.join(self._workspace, user, channel, inviter)

    def open_assistant(self, user: str, context: str | None = None) -> tuple[str, str]:
        """Open the assistant pane while looking at channel `context`; returns the pane's channel and thread_ts."""
        with self._workspace.lock:
            return speech.open_assistant(self._workspace, user, context)

    def change_context(self, user: str, thread_ts: str, context: str) -> None:
        """Look at another channel while the pane is open."""
        with self._workspace.lock:
            speech.change_context(self._workspace, user, thread_ts, context)

    def open_home(self, user: str, tab: str = "home") -> None:
        """Open the app's home or messages tab."""
        with self._workspace.lock:
            self._workspace.publish(events.home_opened(self._workspace, user, tab))

    def stop_stream(self, user: str, channel: str, ts: str) -> None:
        """Press Stop on a native stream."""
        with self._workspace.lock:
            speech.stop_stream(self._workspace, user, channel, ts)

    def click(
        self, user: str, ts: str, action_id: str, *, channel: str | None = None, value: str | None = None
    ) -> Delivery:
        """Press a button of a message; raises KeyError when it does not stand there now."""
        with self._workspace.lock:
            message = self.find(ts, channel)
            return self._interact(interactions.block_actions(self._workspace, user, message, action_id, value))

    def shortcut(self, user: str, ts: str, callback_id: str, *, channel: str | None = None) -> Delivery:
        """Use a message shortcut, such as "Ask Claude about this"."""
        with self._workspace.lock:
            message = self.find(ts, channel)
            return self._interact(interactions.message_action(self._workspace, user, message, callback_id))

    def global_shortcut(self, user: str, callback_id: str) -> Delivery:
        """Use a shortcut without a message."""
        with self._workspace.lock:
            return self._interact(interactions.global_shortcut(self._workspace, user, callback_id))

    def slash(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        """Use a slash command."""
        with self._workspace.lock:
            payload = interactions.slash_command(self._workspace, user, channel, command, text)
            return self._interact(payload, "slash_commands", accepts_response=True)

    def submit_view(self, user: str, view_id: str, values: Data) -> Delivery:
        """Send off a modal; `values` is {block_id: {action_id: {...}}}."""
        with self._workspace.lock:
            payload = interactions.view_submission(self._workspace, user, view_id, values)
            return self._interact(payload, accepts_response=True)

    def close_view(self, user: str, view_id: str) -> Delivery:
        """Close a modal with its cross."""
        with self._workspace.lock:
            return self._interact(interactions.view_closed(self._workspace, user, view_id))

    def find(self, ts: str, channel: str | None = None) -> Message:
        """A message by its ts, also one shown to one person only; raises KeyError."""
        for one in [*self._everywhere(channel), *self._workspace.ephemerals]:
            if one.ts == ts:
                return one
        raise KeyError(f"no message {ts} in {channel or 'any channel'}")

    def _everywhere(self, channel: str | None) -> list[Message]:
        channels = [channel] if channel else list(self._workspace.messages)
        return [one for name in channels for one in self._workspace.everything(name)]

    def _interact(self, payload: Data, kind: Kind = "interactive", *, accepts_response: bool = False) -> Delivery:
        return self._courier.post(kind, [payload], accepts_response=accepts_response)[0]


def publish(workspace: Workspace, courier: Courier, inner: list[Data]) -> list[Delivery]:
    """Deliver inner events, each in its own event_callback, in this order; those the app cannot see are dropped."""
    with workspace.lock:
        seen = [events.event_callback(workspace, event) for event in inner if events.reaches_app(workspace, event)]
        return courier.post("events_api", seen)
