"""From data to a model: read, split, encode, fit, count, mix, calibrate, measure.

Predicts and generates nothing itself; what it trains is used by `inference`.
"""
