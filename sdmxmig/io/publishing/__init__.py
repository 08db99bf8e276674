"""Safe writing of results: atomic, locked, and never overwriting others' files.

Folders are staged and replaced in one step (`folders`), files written whole and locked (`files`), and hashes of
all results kept (`made`).
"""
