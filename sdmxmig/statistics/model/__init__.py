"""Results of statistics: assessments, indicators, accounts and comparisons of countries."""
