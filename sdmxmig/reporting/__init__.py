"""Reports: pages, documents, workbooks and charts of an assessment."""
