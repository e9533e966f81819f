"""The door to the stand-in's mind: a deterministic model that is useful without being a model."""

from playground.claude.mind.answering import answer
from playground.claude.mind.continuing import Continuing

__all__ = ["Continuing", "answer"]
