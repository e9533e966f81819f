"""The package of the tests of documents."""
