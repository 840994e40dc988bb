"""The formats of a list, each a module with `render(listing) -> str`."""

from importlib import import_module

from kubectl_tcr.inventory.listing import Listing

# Loaded when asked for.
LISTS = ("table", "plain", "json", "csv")
WITH_PLACES = ("table", "json")
# What other programs copy by.
COPIES = ("crane", "skopeo", "regsync", "image-syncer", "image-transfer")
CONFIG = "config"
FORMATS = (*LISTS, *COPIES, CONFIG)


def render(name: str, listing: Listing) -> str:
    """A list in one of the FORMATS."""
    module = import_module(f"kubectl_tcr.inventory.formats.{name.replace('-', '_')}")
    text: str = module.render(listing)
    return text
