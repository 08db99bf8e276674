"""The only door for untrusted bytes: bounded in size, depth and time, no DOCTYPE, no entities, no network."""
