"""Build all commands as a single file: scripts/build-zipapp.py FILE.

The file is the command that it is called after, by the names of pyproject.toml's [project.scripts],
and under any other name tcr-rewrite. It is a zip of Python sources behind a `#!` line and runs on
every CPython or PyPy from 3.11 on, with ruamel.yaml's pure parser. The same sources make the same
bytes: versions and hashes of what it carries are pinned, entries are sorted, not compressed, and
carry no time of the build.
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from entry_points import MODULE, executables

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "scripts" / "zipapp-requirements.txt"
SHEBANG = b"#!/usr/bin/env python3\n"
# The earliest time that a zip can hold.
EPOCH = (1980, 1, 1, 0, 0, 0)

# Kept to what every Python 3 can read, so that an old one says what it lacks.
MAIN = f"""\
import sys

if sys.version_info < (3, 11):
    sys.stderr.write("kubectl-tcr: error: Python 3.11 or newer is needed; python3 is %s\\n" % sys.version.split()[0])
    sys.exit(2)
# Another parser that happens to be installed: what this file does must not depend on it.
sys.modules["yaml"] = None
sys.modules.pop("ruamel", None)

COMMANDS = {{
@COMMANDS@}}

if __name__ == "__main__":
    from os.path import basename

    import {MODULE} as main

    name = basename(sys.argv[0]).removesuffix(".exe").removesuffix(".pyz")
    getattr(main, COMMANDS.get(name, "rewrite"))()
"""


def build(target: Path) -> None:
    """Write the executable."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        install_dependencies(folder)
        entries = {name: (folder / name).read_bytes() for name in carried(folder)}
    entries |= {
        f"kubectl_tcr/{name}": (ROOT / "kubectl_tcr" / name).read_bytes() for name in carried(ROOT / "kubectl_tcr")
    }
    # ruamel is a namespace elsewhere; as a package of its own it cannot be mixed with one that is installed.
    entries |= {"__main__.py": main().encode(), "ruamel/__init__.py": b"", "LICENSE": (ROOT / "LICENSE").read_bytes()}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(packed(entries))
    target.chmod(0o755)


def main() -> str:
    """What is run: the entry point by the name that the file is run under."""
    rows = [f"    {name!r}: {function!r},\n" for name, function in executables().items()]
    return MAIN.replace("@COMMANDS@", "".join(rows))


def install_dependencies(folder: Path) -> None:
    """Put what REQUIREMENTS names into a folder: wheels of pure Python, checked by their hashes."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    command += ["--no-deps", "--require-hashes", "--requirement", str(REQUIREMENTS), "--target", str(folder)]
    # No wheel for one platform only.
    command += ["--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none"]
    subprocess.run(command, check=True)  # noqa: S603 nothing of it comes from a user


def carried(folder: Path) -> Iterator[str]:
    """The files below a folder that belong into the zip: code, data, licences and names of versions."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_left = "__pycache__" in name or name.startswith("bin/") or name.endswith("/py.typed")
        if path.is_file() and not is_left and not is_record(name):
            yield name


def is_record(name: str) -> bool:
    """Whether a file is of an installer only."""
    _, is_about, rest = name.partition(".dist-info/")
    return bool(is_about) and rest != "METADATA" and not rest.startswith(("licenses/", "LICENSE"))


def packed(entries: dict[str, bytes]) -> bytes:
    """A zip behind the `#!` line, whose bytes depend on nothing but its entries."""
    file = io.BytesIO()
    file.write(SHEBANG)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(entries.items()):
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 3  # Unix, wherever it is built
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)
    return file.getvalue()


if __name__ == "__main__":
    build(Path(sys.argv[1]))
