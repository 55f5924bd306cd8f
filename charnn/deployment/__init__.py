"""A trained model elsewhere: behind a web server, in a browser, in another engine, on a cluster.

Stands on `inference`; never imports `training`.
"""
