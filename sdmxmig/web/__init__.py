"""The workbench: the whole pipeline in a local browser.

Screens are plain forms that work without scripts; each has a JSON version and shows the equivalent command. Apart from
running jobs and sessions, all state is in the workspace folder. `screens` has one module per screen; `guard` controls
access; `jobs` runs long commands; `application` and `server` assemble and start.
"""
