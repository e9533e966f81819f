"""What is new in a mail, told from what it quotes; for whoever reads mails, and whoever answers them."""

from handlers.quoting.new_text import Parted, part

__all__ = ["Parted", "part"]
