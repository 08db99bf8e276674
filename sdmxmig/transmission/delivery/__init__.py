"""Delivery: what was sealed reaches its receiver once, and provably.

A promise is made when the bytes are on the disk and the queue says so; from then on nothing is lost. That something
reaches a receiver exactly once cannot be had over a network. What can: every dispatch is sent until its outcome is
known, and one whose outcome is not known is never sent again blindly.
"""
