"""What docs/ci.md promises of each status: every sentence has a test, and no sentence stands there without one."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

PAGE = Path(__file__).parent.parent.parent / "docs" / "ci.md"
MIRRORED = "quay.tencentcloudcr.com/acme/web:1"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: '%s'}]}\n"
FIELDS = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, %s}]}\n"
WIDGET = "apiVersion: acme.example/v1\nkind: Widget\nspec: {%s}\n"
MAP = "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    %s\n"
FOREIGN = "registry.example.com/acme/web:1"
GATE = ("--check", "--unmapped", "fail")


class Done(NamedTuple):
    """What a run left behind."""

    status: int
    out: str
    err: str


def run(text: str, *flags: str) -> Done:
    command = [sys.executable, "-c", "from kubectl_tcr.cli.main import rewrite; raise SystemExit(rewrite())", *flags]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def statuses(*texts: str, flags: tuple[str, ...] = GATE) -> set[int]:
    return {run(text, *flags).status for text in texts}


def check_ends_by_what_would_change() -> None:
    assert run(POD % MIRRORED, "--check").status == run(POD % FOREIGN, "--check").status == 0
    assert run(POD % "quay.io/acme/web:1", "--check").status == 1


def a_gate_lets_mirrors_and_trusted_registries_pass() -> None:
    local = POD % "registry:5000/acme/web:1", POD % "10.0.0.1/acme/web:1", POD % "images.shop.svc/acme/web:1"
    assert statuses(POD % MIRRORED, *local, "kind: Nothing\n") == {0}
    assert run(POD % FOREIGN, *GATE, "--trusted", "registry.example.com").status == 0


def a_gate_sees_foreign_images_everywhere() -> None:
    assert statuses(
        POD % FOREIGN,
        WIDGET % f"image: {FOREIGN}",
        FIELDS % f"args: [--tool-image={FOREIGN}], image: '{MIRRORED}'",
        FIELDS % f"env: [{{name: TOOL, value: '{FOREIGN}'}}], image: '{MIRRORED}'",
        MAP % f"docker pull {FOREIGN}",
        MAP % f'{{"image": "{FOREIGN}"}}',
        POD % "nginx",
    ) == {1}


def a_gate_sees_parts_and_registries() -> None:
    tigera = "apiVersion: operator.tigera.io/v1\nkind: Installation\nspec: {registry: registry.example.com}\n"
    split = WIDGET % "image: {registry: registry.example.com, repository: acme/web, tag: '1'}"
    assert statuses(split, tigera) == {1}


def a_gate_sees_what_was_left() -> None:
    for reference, reason in (("${REGISTRY}/web:1", "filled in later"), ("quay.io/Acme/web:1", "must be lowercase")):
        done = run(POD % reference, *GATE)
        assert done.status == 1
        assert reason in done.err


def a_closed_gate_writes_nothing() -> None:
    done = run(POD % FOREIGN + "---\n" + POD % "quay.io/acme/web:1", "--unmapped", "fail")
    assert (done.status, done.out) == (1, "")


def a_warning_names_the_same_places() -> None:
    text = POD % FOREIGN + "---\n" + POD % "${REGISTRY}/web:1"
    failed, warned = run(text, "--unmapped", "fail"), run(text, "--unmapped", "warn")
    errors = re.findall(r"^tcr-rewrite: error: (.*)$", failed.err, re.MULTILINE)
    assert errors == re.findall(r"^tcr-rewrite: warning: (.*)$", warned.err, re.MULTILINE)
    assert (len(errors), warned.status) == (2, 0)


def a_gate_is_silent_about_other_roles() -> None:
    policy = (
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nspec: {images: [{glob: ghcr.io/acme/*}]}\n"
    )
    record = f"apiVersion: acme.example/v1\nkind: Widget\nstatus: {{image: '{FOREIGN}'}}\n"
    address, name = WIDGET % f"chart: '{FOREIGN}'", WIDGET % "provisioner: quay.io/driver"
    prose, pushed = WIDGET % f"description: '{FOREIGN}'", MAP % f"docker push {FOREIGN}"
    assert statuses(policy, record, address, name, prose, pushed) == {0}


def a_gate_is_silent_about_what_the_user_left() -> None:
    assert run(POD % FOREIGN, *GATE, "--exclude", "registry.example.com/*").status == 0
    ignored = (POD % FOREIGN).replace("{name: p}", "{name: p, annotations: {kubectl-tcr/ignore: 'true'}}")
    line = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: {}  # tcr-rewrite: {}\n"
    marked = [line.format(image, "ignore") for image in (FOREIGN, "'${REGISTRY}/c:1'", "busybox", "A_B:C")]
    secret = f"apiVersion: v1\nkind: Secret\nstringData: {{x: '{FOREIGN}'}}\n"
    assert statuses(ignored, secret) == {0}
    assert statuses(*marked) == {0}
    assert statuses(line.format(FOREIGN, "keep")) == {1}
    assert run(SUSPECT.rstrip() + "  # tcr-rewrite: ignore\n", "--suspected", "fail").status == 0


SUSPECT = WIDGET % "toolImage: busybox"


def a_suspect_is_counted_in_the_summary() -> None:
    done = run(SUSPECT, *GATE)
    assert done.status == 0
    assert "suspected: 1 may be an image" in done.err


def a_suspect_can_fail_the_run() -> None:
    done = run(SUSPECT, "--suspected", "fail")
    assert (done.status, done.out) == (1, "")
    assert "busybox: may be an image" in done.err


def a_suspect_can_be_ignored() -> None:
    assert "suspected" not in run(SUSPECT, "--suspected", "ignore").err


def quiet_leaves_out_the_summary_alone() -> None:
    assert run(POD % FOREIGN, "--quiet").err == ""
    assert run(POD % FOREIGN, "--quiet", "--unmapped", "warn").err.startswith("tcr-rewrite: warning: ")
    assert run(POD % FOREIGN, "--quiet", "--unmapped", "fail").err.startswith("tcr-rewrite: error: ")


def what_cannot_be_read_ends_with_2() -> None:
    assert run(POD % FOREIGN + "---\nimage: [nginx\n", *GATE).status == 2


def a_chart_is_not_passed_by_silence() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shop" / "templates").mkdir(parents=True)
        (folder / "shop" / "Chart.yaml").write_text("name: shop\n", encoding="utf-8")
        assert run("", *GATE, "-R", "-f", name).status == 2
        (folder / "pod.yaml").write_text(POD % MIRRORED, encoding="utf-8")
        done = run("", *GATE, "--quiet", "-R", "-f", name)
        assert done.status == 0
        assert "shop were not looked at" in done.err


def nothing_is_not_passed_by_silence() -> None:
    assert run("", *GATE, "--quiet") == (
        0,
        "",
        "tcr-rewrite: warning: there was no document to read, so nothing was checked\n",
    )


PROMISES: tuple[Callable[[], None], ...] = (
    check_ends_by_what_would_change,
    a_gate_lets_mirrors_and_trusted_registries_pass,
    a_gate_sees_foreign_images_everywhere,
    a_gate_sees_parts_and_registries,
    a_gate_sees_what_was_left,
    a_closed_gate_writes_nothing,
    a_warning_names_the_same_places,
    a_gate_is_silent_about_other_roles,
    a_gate_is_silent_about_what_the_user_left,
    a_suspect_is_counted_in_the_summary,
    a_suspect_can_fail_the_run,
    a_suspect_can_be_ignored,
    quiet_leaves_out_the_summary_alone,
    what_cannot_be_read_ends_with_2,
    a_chart_is_not_passed_by_silence,
    nothing_is_not_passed_by_silence,
)
SENTENCES = re.findall(
    r"^- (.+)$", PAGE.read_text(encoding="utf-8").partition("<!-- promises -->")[2].partition("\n\n")[0], re.MULTILINE
)


def test_every_sentence_has_a_test() -> None:
    assert len(SENTENCES) == len(PROMISES)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_page_keeps_its_promise(sentence: str) -> None:
    PROMISES[SENTENCES.index(sentence)]()
