"""Tasks of the command line, Python and the workbench. They report to a `ProgressListener`, and never print or exit."""
