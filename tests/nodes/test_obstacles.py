"""What keeps a file from being replaced: one line with a reason, the file as it was, and nothing left beside it."""

import os
import shutil
import subprocess

import pytest

from kubectl_tcr import build
from kubectl_tcr.images.presets import preset
from kubectl_tcr.nodes import crio
from kubectl_tcr.nodes.plan import BACKUP
from kubectl_tcr.nodes.script import script

from .conftest import PROGRAM, Machine

THEIRS = "# theirs\n" * 500
FILE = "$ROOT/etc/containers/registries.conf.d/50-tcr-nodes.conf"
# What is done in a namespace of mounts, and what the message says of it.
OBSTACLES = {
    "a file that is mounted by itself": (f'mount --bind "{FILE}" "{FILE}"', "Device or resource busy"),
    "a folder that is mounted for reading": (
        'mount --bind "$ROOT/etc" "$ROOT/etc" && mount -o remount,ro,bind "$ROOT/etc"',
        "Read-only file system",
    ),
    "a full disk": (
        (
            'cp -a "$ROOT/etc" "$ROOT/copy" && mount -t tmpfs -o size=16k tmpfs "$ROOT/etc" && '
            'cp -a "$ROOT/copy/." "$ROOT/etc" && rm -r "$ROOT/copy" && '
            '{ cat /dev/zero >"$ROOT/etc/full" || true; } 2>/dev/null'
        ),
        "No space left on device",
    ),
}
FORMS = {
    "command": ("sh", "-c", 'exec "$PROGRAM" cri-o --preset tke --root "$ROOT" --write'),
    "script": ("sh", "-c", 'TCR_ROOT=$ROOT TCR_RUNTIME=cri-o exec sh "$SCRIPT"'),
}
SHOW = 'status=$?; find "$ROOT/etc" -type f ! -name full | sort; cmp "$ROOT/theirs" "$0"; exit $status'

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root, to mount"
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", OBSTACLES)
def test_what_cannot_be_replaced_is_told_and_stays(node: Machine, name: str, form: str) -> None:
    obstacle, reason = OBSTACLES[name]
    node.put(crio.DROP_IN, THEIRS)
    node.put("/theirs", THEIRS)
    path = node.root.parent / "tcr-nodes.sh"
    path.write_text(script(build([preset("tke")])), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "ROOT": str(node.root), "SCRIPT": str(path), "PROGRAM": str(PROGRAM)}
    asked = f'{obstacle} || exit 99; "$@"; {SHOW}'
    words = ["unshare", "--mount", "sh", "-c", asked, str(node.root) + crio.DROP_IN, *FORMS[form]]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("tcr-nodes: error: ")
    assert (reason in done.stderr, done.stderr.count("\n")) == (True, 1), done.stderr
    left = {line.removeprefix(str(node.root)) for line in done.stdout.splitlines() if line.startswith("/")}
    assert left <= {crio.DROP_IN, f"{crio.DROP_IN}{BACKUP}"}


@pytest.mark.parametrize("form", FORMS)
def test_where_nothing_can_be_noted_nothing_is_written(node: Machine, form: str) -> None:
    node.put("/var", "no folder\n")
    path = node.root.parent / "tcr-nodes.sh"
    path.write_text(script(build([preset("tke")])), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "ROOT": str(node.root), "SCRIPT": str(path), "PROGRAM": str(PROGRAM)}
    before = node.everything()
    done = subprocess.run(FORMS[form], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count("\n"), node.everything()) == (2, 1, before), done.stderr
    assert "/var/lib/tcr-nodes" in done.stderr
