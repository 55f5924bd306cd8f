"""From data to a model: read, split, encode, fit, count, mix, calibrate, measure.

Never answers a user's question; what it makes is of `inference`.
"""
