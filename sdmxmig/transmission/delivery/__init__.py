"""Delivery of sealed submissions.

A queued dispatch survives crashes. Since exactly-once delivery is impossible, dispatches are sent until the outcome is
known; uncertain ones are first checked with the receiver.
"""
