"""Command lines: flags and streams to values, errors to exit statuses; only here is click."""
