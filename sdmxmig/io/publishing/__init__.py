"""Safe writing of results: atomic (`folders`), locked (`files`), and never overwriting others' files (`made`)."""
