"""Build archive and manifest for Krew: scripts/build-krew.py ZIPAPP FOLDER REPOSITORY.

The archive `tcr-rewrite-vVERSION.tar.gz` holds the LICENSE and the zipapp as its one executable;
the manifest `tcr-rewrite.yaml` is `krew/tcr-rewrite.yaml` with version, repository (the URL that
releases are downloaded below) and checksum filled in.
"""

import gzip
import hashlib
import io
import re
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = "tcr-rewrite"
EXECUTABLE = "kubectl-tcr_rewrite"


def version() -> str:
    """The version of the package."""
    text = (ROOT / "kubectl_tcr" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if not found:
        raise SystemExit("kubectl_tcr/__init__.py names no version")
    return found[1]


def build(zipapp: Path, folder: Path, repository: str) -> None:
    """Write archive and manifest into a folder."""
    archive = packed({"LICENSE": (ROOT / "LICENSE").read_bytes(), EXECUTABLE: zipapp.read_bytes()})
    (folder / f"{PLUGIN}-v{version()}.tar.gz").write_bytes(archive)
    values = {"VERSION": version(), "REPOSITORY": repository, "SHA256": hashlib.sha256(archive).hexdigest()}
    template = (ROOT / "krew" / f"{PLUGIN}.yaml").read_text(encoding="utf-8")
    lines = [line for line in template.splitlines(keepends=True) if not line.startswith("#")]
    manifest = re.sub(r"@([A-Z0-9]+)@", lambda mark: values[mark[1]], "".join(lines))
    (folder / f"{PLUGIN}.yaml").write_text(manifest, encoding="utf-8", newline="\n")


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
