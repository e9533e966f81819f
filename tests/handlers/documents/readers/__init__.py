"""The package of the tests of each reader."""
