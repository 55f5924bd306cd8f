"""A trained model elsewhere: behind a web server, in a browser, in another engine, on a cluster.

Uses `inference`; never imports `training`.
"""
