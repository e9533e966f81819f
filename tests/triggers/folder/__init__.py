"""Tests of the folder door."""
