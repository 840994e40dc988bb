"""Put the real output of commands into the documentation.

Below `<!-- output: COMMAND -->` stands a fenced block with what the command writes to standard
output, below `<!-- messages: COMMAND -->` one with what it writes to standard error. A command
is `kubectl tcr-rewrite` or `kubectl tcr-nodes` with arguments and runs in the root of the repository.
`--check` writes nothing and fails where a block is not what its command says. The picture of a terminal (picture.py)
is written and held in the same way.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import picture

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent

BLOCK = re.compile(
    r"(?P<head><!-- (?P<stream>output|messages): (?P<command>.+?) -->\n+```\w*\n)(?P<body>.*?)(?P<tail>^```$)",
    re.MULTILINE | re.DOTALL,
)


def documents() -> list[Path]:
    """Every page that may hold blocks."""
    return [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def updated(page: str) -> str:
    """A page with the output of its commands as it is today."""
    return BLOCK.sub(lambda block: block["head"] + run(block["command"], block["stream"]) + block["tail"], page)


def run(command: str, stream: str, **settings: str) -> str:
    """What a command of the plugin writes to standard output, or its messages on standard error."""
    kubectl, plugin, *arguments = shlex.split(command)
    program = PROGRAMS / f"{kubectl}-{plugin.replace('-', '_')}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KUBECTL_TCR_")}
    done = subprocess.run(  # noqa: S603 the commands stand in this repository
        [program, *arguments],
        cwd=ROOT,
        env=environment | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1", **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    text = done.stdout if stream == "output" else done.stderr
    if not text or "Traceback" in done.stderr:
        raise SystemExit(f"{command}: status {done.returncode}, no {stream}\n{done.stderr}")
    return text


def terminal() -> str:
    """The picture of the command that the READMEs open with, as a terminal shows it."""
    colored = f"{picture.COMMAND} --color always"
    lines = [f"$ {picture.COMMAND}", *run(colored, "output", NO_COLOR="").splitlines()]
    return picture.drawn([*lines, *run(colored, "messages", NO_COLOR="").splitlines()])


def main(arguments: list[str]) -> int:
    """Update all pages and the picture, or name those that are out of date."""
    stale = []
    fresh_by_path = {path: updated(path.read_text(encoding="utf-8")) for path in documents()}
    for path, fresh in {**fresh_by_path, ROOT / picture.PATH: terminal()}.items():
        if not path.exists() or path.read_text(encoding="utf-8") != fresh:
            stale.append(path)
            if "--check" not in arguments:
                path.write_text(fresh, encoding="utf-8", newline="\n")
    for path in stale:
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return int("--check" in arguments and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
