"""What `import sdmxmig` gives: the same tasks as the command line, as functions and a few nouns, with the same names.

Every function takes what it works on first and choices by name; every error is an `SdmxmigError`.
"""
