"""The folder of a country, its results, and the tasks that run on it."""
