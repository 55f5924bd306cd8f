"""A trained model: its file, its engine, classifier and generators, sampling, tables in bulk.

Only `torch_engine` imports torch. Never trains and never prints.
"""
