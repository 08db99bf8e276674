"""Network access to declared addresses, bounded."""
