"""Answers from a trained model: its file, its engine, classifier, generator and sampling, tables in bulk.

Only `torch_engine` imports torch. Never trains and never prints.
"""
