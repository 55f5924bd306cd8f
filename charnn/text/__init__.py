"""Text to symbols: Unicode to ASCII, vocabularies, files of names, tables, running text, splits.

Works on strings and numpy arrays; never imports torch, and knows no network.
"""
