"""The workbench: the whole line in a browser, on the machine of whoever works with it.

A layer beside the command line: it reads forms, calls what the commands call, and shows what comes out. Every screen is
a plain form that works without scripts, has a twin in JSON, and names the command that does the same. The folder of the
workspace is the only truth; nothing is remembered between two requests but jobs that run and who may come in.

`screens` has the screens, one module each; `guard` decides who may come in; `jobs` runs commands that take long;
`application` puts them together, and `server` starts them.
"""
