"""The way in to the documents: `read_document` turns any file into content blocks for Claude."""

from handlers.documents.document import Document
from handlers.documents.limits import Limits
from handlers.documents.reading import read_document

__all__ = ["Document", "Limits", "read_document"]
