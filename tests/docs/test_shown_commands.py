"""The commands of pages that are no reference run as they stand, with programs of others and the network left out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import shell_blocks

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [
    *(f"docs/{folder}{name}.md" for folder in ("", "zh-CN/") for name in ("faq", "images", "policy")),
    "docs/zh-CN/mirrors.md",
    "docs/zh-CN/quick-start.md",
]

# kubectl starts its plugins. One that would ask over the network is asked for help instead, which reads its flags.
KUBECTL = """\
#!/bin/sh
case $1 in
tcr-*)
    plugin=kubectl-$(echo "$1" | tr - _)
    shift
    case " $plugin $* " in
    *tcr_images*" --check "* | *tcr_images*" --missing "* | *" --online "*) exec "$plugin" "$@" --help >&2 ;;
    esac
    exec "$plugin" "$@"
    ;;
apply) cat >/dev/null ;;
create | patch) ;;
*) exit 3 ;;
esac
"""
HELM = '#!/bin/sh\n[ "$1" = template ] && cat fixtures/readme/monitor.yaml\n'
NOTHING = "#!/bin/sh\n"
# A virtual environment whose pip installs nothing.
PYTHON = """\
#!/bin/sh
[ "$1 $2" = "-m venv" ] && mkdir -p "$3/bin" && printf '#!/bin/sh\\n' >"$3/bin/pip" && chmod +x "$3/bin/pip"
"""
CONFIGURATION = """\
apiVersion: kubectl-tcr/v1alpha1
kind: MirrorConfig
spec: {mirrors: [{source: quay.io, mirror: team.tencentcloudcr.com/quay}]}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are for a shell")
@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs(tmp_path: Path, page: str) -> None:
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    (tmp_path / "mirrors.yaml").write_text(CONFIGURATION, encoding="utf-8")
    (tmp_path / "bin").mkdir()
    programs = {"kubectl": KUBECTL, "helm": HELM, "python3": PYTHON, "pipx": NOTHING, "crane": NOTHING}
    for name, text in programs.items():
        (tmp_path / "bin" / name).write_text(text, encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    path = os.pathsep.join([str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    blocks = shell_blocks(ROOT / page)
    assert blocks
    for block in blocks:
        done = subprocess.run(
            ["bash", "-uc", block],
            cwd=tmp_path,
            env=os.environ | {"PATH": path, "HOME": str(tmp_path), "TCR_USER": "user", "TCR_PASSWORD": "password"},
            capture_output=True,
            text=True,
            check=False,
        )
        found = re.findall(r"^tcr-\w+: error: (?!.*: no mirror for ).*$", done.stderr, re.MULTILINE)
        assert (done.returncode in (0, 1), found) == (True, []), f"{block}{done.stderr}"
