"""Safe writing of results: atomic, locked, and never overwriting files of others."""
