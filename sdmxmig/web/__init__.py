"""The workbench: the whole pipeline in a local browser.

Screens are plain forms that work without scripts, have a JSON twin and name the equivalent command. The workspace
folder is the only state besides running jobs and sessions. `screens` has one module per screen; `guard` controls
access; `jobs` runs long commands; `application` and `server` assemble and start.
"""
