"""The night lane: questions that nobody waits for go to Claude as Message Batches, at half the price."""
