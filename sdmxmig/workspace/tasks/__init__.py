"""Tasks shared by command line, Python and workbench. Tasks never print, ask or exit; they report to `talk.Talk`."""
