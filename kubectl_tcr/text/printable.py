"""Text from outside, shown to a person: what a terminal or a CI runner would obey is escaped.

Names, keys and references come from manifests, which others write. Raw, one of them could begin a
line of its own, colour or erase what stands around it, turn its order round, or give the runner
of a CI job a command.
"""

from kubectl_tcr.text.patterns import lazy

# C0 and C1, line and paragraph separators, bidirectional controls (Unicode, UAX #9, table 4), and
# halves of characters: the bytes of a file name that is no UTF-8.
_CONTROLS = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_CONTROL = lazy(f"[{_CONTROLS}]")
_QUOTABLE = lazy(f'["\\\\{_CONTROLS}]')
# Commands to a runner: GitHub takes `::NAME` at the start of a line, blanks in front of it passed over, and
# `##[NAME]` anywhere in it (actions/runner, src/Runner.Common/ActionCommand.cs), Azure Pipelines `##vso[`,
# TeamCity `##teamcity[`.
_COMMAND = lazy(r"(?<=#)#(?=\w*+\[)|\A\s*+:(?=:)")
# What a person sees first of a line, in red and in yellow.
_COLORS = {"error": "\x1b[31m", "warning": "\x1b[33m"}
_PLAIN = "\x1b[0m"
_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_NO_UTF8 = range(0xDC80, 0xDD00)


def printable(text: str, keep: str = "") -> str:
    r"""Text as one line that nothing obeys; `keep` are control characters that stay.

    >>> printable("a\n\x1b[31m::b")
    'a\\n\\x1b[31m::b'
    """
    if text.isprintable() and "##" not in text and not text.lstrip().startswith("::"):
        return text
    shown = _CONTROL.sub(lambda found: found[0] if found[0] in keep else _escape(found[0]), text)
    return _COMMAND.sub(lambda found: found[0][:-1] + f"\\x{ord(found[0][-1]):02x}", shown)


def graded(program: str, grade: str, text: str, *, is_colored: bool = False) -> str:
    r"""An error or a warning of a program as one line that nothing obeys.

    >>> graded("tcr-rewrite", "error", "a\nb")
    'tcr-rewrite: error: a\\nb'
    """
    front = f"{program}: {grade}:"
    line = printable(f"{front} {text}")
    return f"{program}: {_COLORS[grade]}{grade}:{_PLAIN}{line[len(front) :]}" if is_colored else line


def _escape(character: str) -> str:
    """A character as Python and most shells write it; a byte that is no UTF-8 as that byte."""
    number = ord(character)
    if number in _NO_UTF8:
        number -= 0xDC00
    return _ESCAPES.get(character) or (f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}")


def quoted_name(name: str) -> bytes:
    r"""A file's name in the header of a diff, quoted as git and GNU patch read it if it holds what must be escaped.

    Source: git-config(1), core.quotePath; the bytes of a file name that is no UTF-8 stay what they are.

    >>> quoted_name("b/a\nb.yaml")
    b'"b/a\\nb.yaml"'
    """
    quoted = _QUOTABLE.sub(lambda found: _octal(found[0]), name)
    if quoted != name or name.endswith(" "):
        return f'"{quoted}"'.encode()
    # Without a tab behind it, patch takes what follows a blank for a date.
    return (f"{name}\t" if " " in name else name).encode()


def _octal(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    escape = _ESCAPES.get(character)
    return escape or "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
