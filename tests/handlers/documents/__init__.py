"""This file is the package of the tests of documents."""
