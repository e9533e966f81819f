"""The ways back: one reply for each kind of address."""
