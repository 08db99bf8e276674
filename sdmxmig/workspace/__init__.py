"""Workspaces: a country's folder, its results, and tasks on them."""
