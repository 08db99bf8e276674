"""Conversion of national tables to datasets: table readers, mappings and mapping proposals."""
