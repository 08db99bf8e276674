"""Writing results safely, for whatever lets people run the stages: whole or not at all, and nobody else's file harmed.

A command stages its results beside those that stand there and puts them in their place together (`transaction`), under
a lock, so that two commands never mix theirs (`lock`). What sdmxmig wrote is remembered by its hash (`made`); every
other file, and every file that was changed since, is somebody's work and stays (`keeping`).
"""
