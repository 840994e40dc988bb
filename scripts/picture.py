"""Draw the terminal that the READMEs open with: a command, and what the real program prints with its colours.

`scripts/update-docs.py` writes the picture together with the output in the pages, and its `--check` holds both.
"""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

COMMAND = "kubectl tcr-rewrite --diff fixtures/readme/operator.yaml"
PATH = "docs/terminal.svg"

# Of a character, in pixels; each run of text is stretched to whole columns, whatever font there is.
_WIDTH, _LINE, _FONT = 7.8, 20, 13
_FAMILY = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
_MARGIN, _BAR = 16, 34
_BACK, _FRONT = "#1b1f27", "#d6dae1"
_DOTS = ("#ff5f57", "#febc2e", "#28c840")
# What the parameters of an escape sequence (SGR) stand for.
_COLORS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff"}
_SEQUENCE = re.compile(r"\x1b\[([\d;]*)m")


def drawn(lines: list[str]) -> str:
    """The picture of a terminal with these lines in it, which may hold escape sequences for colours."""
    width = round(max(len(_SEQUENCE.sub("", line)) for line in lines) * _WIDTH) + 2 * _MARGIN
    height = _BAR + len(lines) * _LINE + _MARGIN
    text = "\n".join(_SEQUENCE.sub("", line) for line in lines)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{_FAMILY}" font-size="{_FONT}">',
        f"<title>{escape(COMMAND)}</title>",
        f"<desc>{escape(text)}</desc>",
        f'<rect width="{width}" height="{height}" rx="8" fill="{_BACK}"/>',
    ]
    parts += [f'<circle cx="{20 + 20 * index}" cy="18" r="6" fill="{color}"/>' for index, color in enumerate(_DOTS)]
    for index, line in enumerate(lines):
        parts += _text(line, _BAR + index * _LINE + _FONT)
    return "\n".join([*parts, "</svg>", ""])


def _text(line: str, y: int) -> Iterator[str]:
    """The elements of a line, one for each run of one colour; blanks in front and behind are not drawn."""
    column = 0
    for run, look in _runs(line):
        shown = run.strip()
        if shown:
            x = _MARGIN + (column + len(run) - len(run.lstrip())) * _WIDTH
            length = f'textLength="{len(shown) * _WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"'
            # Blanks that follow each other would become one.
            words = escape(shown).replace("  ", "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}")
            yield f'<text x="{x:.1f}" y="{y}" {look} {length}>{words}</text>'
        column += len(run)


def _runs(line: str) -> Iterator[tuple[str, str]]:
    """The runs of a line with how each looks."""
    color, weight = _FRONT, ""
    for index, part in enumerate(_SEQUENCE.split(line)):
        if index % 2 == 0:
            yield part, f'fill="{color}"{weight}'
            continue
        for parameter in part.split(";"):
            if parameter in ("", "0"):
                color, weight = _FRONT, ""
            elif parameter == "1":
                weight = ' font-weight="bold"'
            else:
                color = _COLORS[parameter]
