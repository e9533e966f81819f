"""The sentences about a document that several readers tell the person who dropped it."""

HIDDEN = "Hidden text in it was left out."
TRACKED = "It has tracked changes; they were read as accepted."
EMBEDDED = "A document embedded in it was not read."
