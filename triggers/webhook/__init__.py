"""The webhook door, inwards: what programs send to a hook becomes events."""
