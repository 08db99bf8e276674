"""National tables to datasets: table readers, mappings, and proposals for mappings."""
