"""The list as JSON; its shape is `schemas/images.schema.json`."""

import json
from typing import TYPE_CHECKING, Any

from kubectl_tcr.inventory.image import Image
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.reports.json import reference

if TYPE_CHECKING:
    from kubectl_tcr.registry.question import Answer

VERSION = 1


def render(listing: Listing) -> str:
    """The whole list, with a line feed at its end."""
    shown = {
        "version": VERSION,
        "rules": [rule._asdict() for rule in listing.rules.rules],
        "summary": {
            "documents": listing.documents,
            "images": len(listing.images),
            "statuses": {standing.value: count for standing, count in sorted(listing.standings.items())},
            "unmapped": dict(listing.hosts.most_common()),
        },
        "images": [_image(image) for image in listing.images],
    }
    return json.dumps(shown, indent=2, ensure_ascii=True) + "\n"


def _image(image: Image) -> dict[str, Any]:
    shown: dict[str, Any] = {"reference": image.reference, "status": image.standing.value, "count": image.times}
    shown |= {"named": not image.is_made}
    shown |= {name: text for name, text in (("mirrored", image.mirrored), ("reason", image.reason)) if text}
    for name, answer in (("mirror", image.mirror), ("source", image.source)):
        if answer:
            shown[name] = _answer(answer)
    if image.places:
        shown["places"] = [reference(place) for place in image.places]
    return shown


def _answer(answer: "Answer") -> dict[str, Any]:
    shown: dict[str, Any] = {"outcome": answer.outcome.value, "details": answer.words}
    if answer.digest:
        shown["digest"] = answer.digest
    if answer.platforms:
        shown["platforms"] = list(answer.platforms)
    return shown
