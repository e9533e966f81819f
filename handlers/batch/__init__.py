"""A folder of documents, asked about once each through the night lane, and told of in one report."""

SOURCE = "batch"
"""The source of its events."""
