"""What the end of a command tells those who called it."""

OK, FINDINGS, WRONG_REQUEST, BUG, UNCHECKED = 0, 1, 2, 3, 4
"""All is fine; errors were found; the request is wrong; the program is; nothing is wrong, but not all was checked."""
