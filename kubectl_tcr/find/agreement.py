"""The law that report and output agree: what a site is said to become is what the text spells once it is edited."""

import re
from collections.abc import Iterable

from kubectl_tcr.errors import internal
from kubectl_tcr.find.embedded import DEEPEST
from kubectl_tcr.find.site import Site
from kubectl_tcr.text.spelling import unescaped
from kubectl_tcr.text.splice import Edit, splice

_BREAK = r"\\\r?\n[ \t]*+"


def verify(source: str, sites: Iterable[Site]) -> None:
    """Raise InternalError where a site's edits would spell something else than its `after`.

    The parts of a split reference stand apart; `kubectl_tcr.find.splits` joins them itself.
    """
    for site in sites:
        if site.edits and site.how != "split":
            spelled = _spelled(source, site)
            if spelled != site.after and not _spells(spelled, site.after):
                raise internal(f"{site.reference} would become {spelled}, not {site.after}")


def _spelled(source: str, site: Site) -> str:
    """The text of a site with its edits made."""
    start = site.start
    if len(site.edits) == 1:
        begin, end, new = site.edits[0]
        return source[start:begin] + new + source[end : site.stop]
    edits = (Edit(begin - start, end - start, new) for begin, end, new in site.edits)
    return splice(source[start : site.stop], edits)


def _spells(spelled: str, value: str) -> bool:
    """Whether a text with escapes and folded lines says a value.

    A string in a string is escaped once for each around it; a placeholder may hold white space, which folding changes.
    """
    wanted = _unfolded(value)
    text = spelled
    for _ in range(DEEPEST + 2):
        text = re.sub(_BREAK, "", text)
        if _unfolded(text) == wanted:
            return True
        if "\\" not in text:
            break
        text = unescaped(text)
    return False


def _unfolded(text: str) -> str:
    """A text with one blank for all white space in a row."""
    return " ".join(text.split())
