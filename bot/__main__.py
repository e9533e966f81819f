"""What `python -m bot` starts."""

from bot.commands import main

if __name__ == "__main__":
    main()
