"""The exit statuses of every command."""

DONE = 0
FOUND = 1  # a change, a foreign host, or something wrong on a node
FAILED = 2
# What a shell reports for a program that SIGINT or SIGPIPE ended; other signals likewise: kubectl_tcr/signals.py.
INTERRUPTED = 130
BROKEN_PIPE = 141
