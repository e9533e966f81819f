"""The middle and the ways out: the one handler that asks Claude, what it reads, and the replies."""
