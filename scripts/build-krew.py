"""Build archive and manifests for Krew: scripts/build-krew.py ZIPAPP FOLDER REPOSITORY.

The archive `kubectl-tcr-krew-vVERSION.tar.gz` holds the LICENSE and the zipapp, once: Krew takes no
links in an archive, but gives a file the name that a manifest asks for. Each command is a plugin,
as Krew links one executable for each; its manifest, `tcr-rewrite.yaml` and its like, is
`krew/plugin.yaml` with the texts of the command and what is the same for all filled in. REPOSITORY
is the URL that releases are downloaded below.
"""

import gzip
import hashlib
import io
import re
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from textwrap import indent

from entry_points import executables

ROOT = Path(__file__).resolve().parent.parent
# In the archive, where it is no command yet.
FILE = "kubectl-tcr"


def version() -> str:
    """The version of the package."""
    text = (ROOT / "kubectl_tcr" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if not found:
        raise SystemExit("kubectl_tcr/__init__.py names no version")
    return found[1]


def build(zipapp: Path, folder: Path, repository: str) -> None:
    """Write archive and manifests into a folder."""
    content = packed({"LICENSE": (ROOT / "LICENSE").read_bytes(), FILE: zipapp.read_bytes()})
    archive = f"kubectl-tcr-krew-v{version()}.tar.gz"
    (folder / archive).write_bytes(content)
    values = {
        "VERSION": version(),
        "REPOSITORY": repository,
        "ARCHIVE": archive,
        "SHA256": hashlib.sha256(content).hexdigest(),
    }
    for plugin, executable in plugins().items():
        text = manifest(values | {"PLUGIN": plugin, "EXECUTABLE": executable, "TEXTS": texts(plugin)})
        (folder / f"{plugin}.yaml").write_text(text, encoding="utf-8", newline="\n")


def plugins() -> dict[str, str]:
    """The executable of each plugin, which Krew names with dashes: `tcr-rewrite`."""
    found = [name for name in executables() if name.startswith("kubectl-")]
    return {name.removeprefix("kubectl-").replace("_", "-"): name for name in found}


def texts(plugin: str) -> str:
    """What a plugin is said to do, as it stands in the manifest."""
    return indent((ROOT / "krew" / f"{plugin}.yaml").read_text(encoding="utf-8"), "  ").rstrip("\n")


def manifest(values: Mapping[str, str]) -> str:
    """The manifest of a plugin."""
    template = (ROOT / "krew" / "plugin.yaml").read_text(encoding="utf-8")
    lines = [line for line in template.splitlines(keepends=True) if not line.startswith("#")]
    return re.sub(r"@([A-Z0-9]+)@", lambda mark: values[mark[1]], "".join(lines))


def packed(files: dict[str, bytes]) -> bytes:
    """A tar.gz of files that may be run if they are not called LICENSE; no owner, no time of the build."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mode = 0o644 if name == "LICENSE" else 0o755
            archive.addfile(info, io.BytesIO(content))
    file = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as compressed:
        compressed.write(tar.getvalue())
    return file.getvalue()


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3].rstrip("/"))
