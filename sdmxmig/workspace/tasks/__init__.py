"""Tasks for command line, Python and workbench. Tasks never print, prompt or exit; they report to `talk.Talk`."""
