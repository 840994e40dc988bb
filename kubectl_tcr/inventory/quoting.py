"""References in the languages of lists: the brackets of an IPv6 address mean something in YAML, and to a shell."""

import shlex

# What begins something else than a plain scalar, of all that references and rules may hold (YAML 1.2.2, 7.3.3).
_INDICATORS = ("[", "*", "{")


def scalar(text: str) -> str:
    """A reference, or a side of a rule, as a string of YAML.

    >>> scalar("quay.io/acme/app:1"), scalar("[::1]:5000/acme/app:1")
    ('quay.io/acme/app:1', '"[::1]:5000/acme/app:1"')
    """
    return f'"{text}"' if text.startswith(_INDICATORS) or "{" in text else text


def command(*words: str) -> str:
    r"""A line for a shell that runs a command with these words.

    >>> command("crane", "copy", "quay.io/acme/app:1", "[::1]:5000/acme/app:1")
    "crane copy quay.io/acme/app:1 '[::1]:5000/acme/app:1'\n"
    """
    return f"{shlex.join(words)}\n"
