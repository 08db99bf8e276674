"""Small tables of our own, damaged or retitled as offices do it, with the truth of every figure."""
