"""The tests of how what is drawn is written as plain text."""
