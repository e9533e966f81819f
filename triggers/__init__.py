"""The ways in: each trigger notices that something happened and turns it into an event."""
