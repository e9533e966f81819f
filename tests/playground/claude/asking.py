"""What the tests ask: bodies, and one stream read to its end or its break."""

from __future__ import annotations

from typing import Any

MODEL = "claude-sonnet-5-5"


def body_of(text: Any = "Hello", **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 4000, "messages": [{"role": "user", "content": text}], **more}


def blocks(*content: Any, **more: Any) -> dict[str, Any]:
    return body_of(list(content), **more)


def message_text(message: Any) -> str:
    """The text of an answer; thinking blocks stand before it."""
    return "".join(block.text for block in message.content if block.type == "text")


def stream_text(client: Any, text: str = "Tell me about rivers", **more: Any) -> tuple[str, Any, Any]:
    """The text that came, the final message, and the error that ended it; one of the last two is None."""
    got = ""
    try:
        with client.messages.stream(**body_of(text, **more)) as stream:
            for piece in stream.text_stream:
                got += piece
            return got, stream.get_final_message(), None
    except Exception as error:  # noqa: BLE001 - the test looks at whatever it is
        return got, None, error


async def stream_text_async(client: Any, text: str = "Tell me about rivers", **more: Any) -> tuple[str, Any, Any]:
    got = ""
    try:
        async with client.messages.stream(**body_of(text, **more)) as stream:
            async for piece in stream.text_stream:
                got += piece
            return got, await stream.get_final_message(), None
    except Exception as error:  # noqa: BLE001 - the test looks at whatever it is
        return got, None, error
