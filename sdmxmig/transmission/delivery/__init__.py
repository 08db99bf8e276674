"""Delivery of sealed submissions.

A queued dispatch survives crashes. Exactly-once delivery is impossible: dispatches are sent until the outcome is known,
and uncertain ones are never resent blindly.
"""
