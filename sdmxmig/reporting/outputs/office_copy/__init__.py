"""Safe copies of office workbooks.

Only known harmless content is copied: cells, styles, internal formulas, names, rules, comments. Macros, objects, links,
connections, pictures and charts are dropped and listed.
"""
