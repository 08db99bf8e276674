"""What the command line, the Python face and a web workbench share: workspaces are opened, run, locked, safely written.

Nothing here prints, asks or ends a program: whoever calls hands in whom to tell (`talk.Talk`), and gets results.
"""
