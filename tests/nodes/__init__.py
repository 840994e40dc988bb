"""Mirrors in the configuration of container runtimes."""
