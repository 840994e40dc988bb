"""Mirrors in the configuration of container runtimes: image addresses stay as they are.

`hosts.py` makes rules into mirrors per host; a module per runtime, with a row in `runtimes.py`,
makes those into changes of files, `plan.py` shows and writes them.
"""
