"""Build the list of what a release carries: scripts/build-sbom.py ZIPAPP FILE.

FILE is a CycloneDX bill of materials (https://cyclonedx.org/docs/1.6/json/) of the zipapp, the one file of a
release that carries the code of others: each package with its version, licence and the hash that it was
installed by. It is made of what lies in the zipapp, so it is true of that file; the same zipapp makes the same bytes.
"""

import hashlib
import json
import re
import sys
import uuid
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "scripts" / "zipapp-requirements.txt"
OWN = "kubectl-tcr"
# What licences are called in packages that name none by its SPDX identifier.
SPDX = {
    "Apache License 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "BSD-3-Clause": "BSD-3-Clause",
    "MIT": "MIT",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "MPL-2.0": "MPL-2.0",
    "MIT OR Apache-2.0": "MIT OR Apache-2.0",
}


def bill(zipapp: Path) -> dict[str, Any]:
    """The bill of materials of a zipapp."""
    with zipfile.ZipFile(zipapp) as archive:
        abouts = [
            Parser().parsestr(archive.read(name).decode())
            for name in sorted(archive.namelist())
            if name.endswith(".dist-info/METADATA")
        ]
    raw = zipapp.read_bytes()
    own = application(raw)
    components = [library(about) for about in abouts]
    known = {normal(about["Name"]): component["bom-ref"] for about, component in zip(abouts, components, strict=True)}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(raw).hexdigest())}",
        "version": 1,
        "metadata": {"component": own},
        "components": components,
        "dependencies": [
            {"ref": own["bom-ref"], "dependsOn": sorted(known.values())},
            *({"ref": known[normal(about["Name"])], "dependsOn": sorted(needed(about, known))} for about in abouts),
        ],
    }


def application(raw: bytes) -> dict[str, Any]:
    """The zipapp itself."""
    text = (ROOT / "kubectl_tcr" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if not found:
        raise SystemExit("kubectl_tcr/__init__.py names no version")
    return {
        "type": "application",
        "bom-ref": purl(OWN, found[1]),
        "name": OWN,
        "version": found[1],
        "purl": purl(OWN, found[1]),
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(raw).hexdigest()}],
    }


def library(about: Message) -> dict[str, Any]:
    """A package that the zipapp carries, by its metadata."""
    name, version = about["Name"], about["Version"]
    return {
        "type": "library",
        "bom-ref": purl(name, version),
        "name": name,
        "version": version,
        "purl": purl(name, version),
        "licenses": [{"expression": licence(about)}],
        "hashes": [{"alg": "SHA-256", "content": hashes()[normal(name)]}],
    }


def licence(about: Message) -> str:
    """The licence of a package, as an expression of SPDX."""
    named = about["License-Expression"] or SPDX.get((about["License"] or "").strip())
    classes = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier", []) if line.startswith("License ::")]
    found = named or next((SPDX[one] for one in classes if one in SPDX), "")
    if not found:
        raise SystemExit(f"the licence of {about['Name']} is not known; add what it is called to scripts/build-sbom.py")
    return str(found)


def hashes() -> dict[str, str]:
    """The hash of the wheel of each package, by which pip checked it."""
    text = REQUIREMENTS.read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)==\S+ --hash=sha256:([0-9a-f]{64})$", text, re.MULTILINE)
    return {normal(name): value for name, value in found}


def needed(about: Message, known: dict[str, str]) -> Iterator[str]:
    """What of the others in the zipapp a package asks for."""
    names = {
        normal(re.split(r"[^\w.-]", line, maxsplit=1)[0])
        for line in about.get_all("Requires-Dist", [])
        if "extra ==" not in line
    }
    yield from (known[name] for name in names if name in known)


def normal(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def purl(name: str, version: str) -> str:
    """The address of a package (https://github.com/package-url/purl-spec)."""
    return f"pkg:pypi/{normal(name)}@{version}"


if __name__ == "__main__":
    text = json.dumps(bill(Path(sys.argv[1])), indent=2, ensure_ascii=True) + "\n"
    Path(sys.argv[2]).write_text(text, encoding="utf-8", newline="\n")
