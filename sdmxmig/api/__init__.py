"""Python API: the tasks of the command line under the same names.

Every function takes what it works on first and choices by name; every error is an `SdmxmigError`.
"""
