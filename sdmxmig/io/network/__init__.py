"""The network: the only way out, to addresses that somebody has written down, within bounds of size and time."""
