"""Text to symbols: Unicode to ASCII, vocabularies of letters and words, files of names and of running text.

Works on strings and numpy arrays; never imports torch, and knows no network.
"""
