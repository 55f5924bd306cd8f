"""How good a model is, and what is wrong with data: metrics, measurements, the report.

Works on log-probabilities and names; never looks inside a network.
"""
