"""Registries asked over the network, for commands that were told to: whether images are there.

`asking.ask` is for many images at once. Only what is asked loads httpx; `tcr-rewrite` imports none of this.
"""
