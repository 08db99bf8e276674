"""Safe writing of results: atomic, locked, and never overwriting others' files.

Staged (`transaction`), locked (`lock`), recorded by hash (`made`), others' files kept (`keeping`).
"""
