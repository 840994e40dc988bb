"""The rule for the rest, `*=mirror/{host}`: the form of its mirror, and the mirror of one host."""

SOURCE = "*"
HOST = "{host}"


def flaw(mirror: str) -> str:
    """What is wrong with the mirror of the rule for the rest, empty if nothing is."""
    count = mirror.count(HOST)
    if not count:
        return f"lacks {HOST}: without it quay.io/a/b and ghcr.io/a/b would become one; write {mirror}/{HOST}"
    if count > 1:
        return f"has {HOST} more than once"
    if HOST not in mirror.split("/")[1:]:
        return f"has {HOST} where no whole component of its path is; write it between slashes, behind the host"
    return ""


def filled(mirror: str, domain: str) -> str:
    """The mirror of one host.

    >>> filled("m.example/{host}", "Registry.example:5000")
    'm.example/registry.example-5000'
    """
    return mirror.replace(HOST, component(domain))


def component(domain: str) -> str:
    """A domain as a component of a path: in lower case, a port behind a dash.

    Two become one only where they are one host in other letters: no public name ends in a dash and digits.
    """
    return domain.lower().replace(":", "-")


def front(mirror: str) -> str:
    """The place below which the mirrors of all hosts are.

    >>> front("m.example/a/{host}/b")
    'm.example/a'
    """
    return mirror.partition(f"/{HOST}")[0]
