"""An assessment as pages, documents, workbooks and charts."""
