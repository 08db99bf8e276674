"""Python API: the tasks of the command line under the same names.

Functions take their subject first and options by name; every error is an `SdmxmigError`.
"""
