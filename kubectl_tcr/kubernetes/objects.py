"""What objects may be called: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/."""

from kubectl_tcr.text.patterns import lazy

# A label of RFC 1123, as namespaces have it.
_LABEL = lazy(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Labels of any length with dots between, as most others have it.
_NAME = lazy(r"(?!.{254})[a-z0-9]++(?:(?:\.|-++)[a-z0-9]++)*+")


def may_name_a_namespace(name: str) -> bool:
    """Whether a namespace may be called so."""
    return _LABEL.fullmatch(name) is not None


def may_name_an_object(name: str) -> bool:
    """Whether an object may be called so, of a kind that has no other rule."""
    return _NAME.fullmatch(name) is not None
