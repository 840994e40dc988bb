"""What `scripts/build-dist` puts together, with a Python that only pretends to build."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Leaves what the real one would leave: a wheel by the build's variable, an sdist, and a file for each other script.
PYTHON = """\
#!/bin/sh
echo "$*" >>"$CALLS"
case $1 in
-m)
    if [ -n "${HATCH_BUILD_HOOKS_ENABLE-}" ]; then tag=cp311; else tag=py3; fi
    touch "$4/kubectl_tcr-1-$tag.whl" "$4/kubectl_tcr-1.tar.gz"
    ;;
*build-zipapp.py) touch "$2" ;;
*build-krew.py) touch "$3/tcr-rewrite.yaml" ;;
*build-sbom.py) touch "$3" ;;
esac
"""
PURE = {"kubectl_tcr-1-py3.whl", "kubectl_tcr-1.tar.gz"}
REST = {"kubectl-tcr_rewrite", "tcr-rewrite.yaml", "kubectl-tcr-sbom.cdx.json", "SHA256SUMS"}
NONE_WANTED = "build-dist: no compiled wheel: DIST_COMPILED=no\n"
NO_COMPILER = "build-dist: no compiled wheel: there is no C compiler; install one, or set CC\n"


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
@pytest.mark.parametrize(
    ("environment", "compiled", "said"),
    [
        ({"CC": "true"}, {"kubectl_tcr-1-cp311.whl"}, ""),
        ({"CC": "no-such-compiler"}, set(), NO_COMPILER),
        ({"CC": "true", "DIST_COMPILED": "no"}, set(), NONE_WANTED),
    ],
    ids=["a compiler", "no compiler", "not wanted"],
)
def test_a_compiled_wheel_is_built_where_there_is_a_compiler(
    tmp_path: Path, environment: dict[str, str], compiled: set[str], said: str
) -> None:
    script = tmp_path / "scripts" / "build-dist"
    script.parent.mkdir()
    script.write_bytes((ROOT / "scripts" / "build-dist").read_bytes())
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    done = subprocess.run(
        ["sh", str(script), str(tmp_path / "python"), "https://git.example/x"],
        env={"PATH": os.environ["PATH"], "CALLS": str(tmp_path / "calls"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, said)
    assert {path.name for path in (tmp_path / "dist" / "python").iterdir()} == PURE
    assert {path.name for path in (tmp_path / "dist" / "release").iterdir()} == PURE | REST | compiled
    sums = (tmp_path / "dist" / "release" / "SHA256SUMS").read_text().splitlines()
    assert {line.split()[1] for line in sums} == (PURE | REST | compiled) - {"SHA256SUMS"}
    assert (
        "scripts/build-krew.py dist/release/kubectl-tcr_rewrite dist/release https://git.example/x"
        in (tmp_path / "calls").read_text()
    )
