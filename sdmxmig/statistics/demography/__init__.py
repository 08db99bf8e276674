"""Demography: accounts, rates and ages as pure functions, each with the definition it follows."""
