"""Tests of the command line, all against the installed executable."""
