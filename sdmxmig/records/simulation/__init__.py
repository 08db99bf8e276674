"""A made-up country whose truth is known: its people, what happens to them, and the sources that see some of it.

Nobody in it exists. Persons are drawn from the same events of groups that make the figures of the made-up country of
the examples; sources are made of persons with faults that tables declare, each at its rate.
"""
