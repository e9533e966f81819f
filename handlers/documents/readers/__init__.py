"""The list of readers that run in the child process, one module for each family of formats.

A reader of text yields lines in the order of the document and adds sentences to `notes`; it never cuts or caps
characters, which `collecting` does for all of them.
"""
