"""The frame of Bellhop: command line, settings, rules, durable engine, receipts, web server and wiring.

For a program of your own: `from bot import ask, stream` (bot/program.py).
"""

from bot.program import ask, stream

__all__ = ["ask", "stream"]
