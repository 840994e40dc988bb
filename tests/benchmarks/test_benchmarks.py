"""The commands behind `make bench` and `make accuracy`, on small inputs."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="peak memory is told by wait4(2)")
needs_sed = pytest.mark.skipif(shutil.which("sed") is None, reason="sed is not on the PATH")

# Generous, and longer than bench.py --quick lets a run of ours hang, so that it is bench.py that ends it.
TIMEOUT = 150

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - image: quay.io/a/b:1
    - image: nginx:1.25  # a comment
    - image: quay.io/a/unlabelled:1
    - image: ghcr.io/a/broken:a:b
"""

COLUMNS = [
    *("file", "line", "document", "apiVersion", "kind", "field", "category"),
    *("verdict", "host_class", "host", "scalar", "reference", "style"),
]
CONTAINER = "spec.containers[].image"
LABELS = (
    ("web.yaml", 6, "a-podspec", "ref", "host9", "quay.io/a/b:1"),
    ("web.yaml", 7, "a-podspec", "ref", "implicit", "nginx:1.25"),
    ("web.yaml", 9, "b-image-key", "ref", "host9", "ghcr.io/a/broken:a:b"),
)


class Done(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


def run(script: str, *args: str, cache: Path) -> Done:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, str(BENCHMARKS / script), *args]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=TIMEOUT, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus with one manifest: two labels that are met, one that is not, one edit without a label."""
    folder = tmp_path / "corpus"
    (folder / "manifests").mkdir(parents=True)
    (folder / "manifests" / "web.yaml").write_bytes(POD.encode())
    rows = [COLUMNS, *(_row(*label) for label in LABELS)]
    text = "".join("\t".join(row) + "\n" for row in rows)
    (folder / "mentions.tsv").write_bytes(text.encode())
    return folder


def _row(file: str, line: int, category: str, verdict: str, host_class: str, reference: str) -> list[str]:
    return [file, str(line), "1", "v1", "Pod", CONTAINER, category, verdict, host_class, "", reference, reference, ""]


@needs_posix
@needs_sed
def test_bench_prints_a_table_with_the_ratio_to_the_base(tmp_path: Path) -> None:
    done = run("bench.py", "--quick", "--only", "chart", cache=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert re.search(r"^chart: .+, 66\.\d KB, 2 rounds$", done.out, re.MULTILINE)
    for name in ("kubectl-tcr_rewrite", "sed", "ruamel.yaml round trip"):
        assert re.search(rf"^  {name} +[\d.]+ s +[\d.]+ +<?\d+ +[\d.]+$", done.out, re.MULTILINE), done.out
    assert re.search(r"^  python -c pass +[\d.]+ s +<?\d+ +1\.0$", done.out, re.MULTILINE), done.out
    assert "same output as sed: yes" in done.out


@needs_posix
def test_bench_keeps_what_it_generates_in_the_cache_folder(tmp_path: Path) -> None:
    run("bench.py", "--quick", "--only", "many-images", cache=tmp_path)
    assert sorted(path.name.rsplit("-", 1)[0] for path in (tmp_path / "kubectl-tcr-bench").iterdir()) == [
        "many-images-100",
        "many-images-1000",
    ]


@needs_posix
@needs_sed
def test_bench_ends_with_a_table_in_markdown(tmp_path: Path) -> None:
    done = run("bench.py", "--quick", "--only", "many-images", "--table", cache=tmp_path)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| | "))
    head, rule, row, blank, sed = lines[start : start + 5]
    assert lines[start - 2].startswith("kubectl tcr-rewrite ")
    assert (blank, sed.partition(" (")[0]) == ("", "- `sed s/quay.io/quay.tencentcloudcr.com/g`")
    assert head == "| | kubectl-tcr_rewrite | sed | ratio |"
    assert rule == "|---|---|---|---|"
    time = r"[\d.e-]+ s(?:, \d+ MB)?"
    ratio = r"[\d.]+ times sed, [\d.]+ times a tenth"
    assert re.fullmatch(rf"\| 77\.2 KB, images in one document \| {time} \| {time} \| {ratio} \|", row)


@needs_posix
@needs_sed
def test_bench_tells_how_much_of_a_corpus_the_block_reader_takes(corpus: Path, tmp_path: Path) -> None:
    (corpus / "manifests" / "b.yaml").write_bytes(b"a: &x nginx\nimage: *x\n---\na: b\n---\n# nothing\n")
    (corpus / "manifests" / "c.json").write_bytes(b'{"image": "nginx"}\n')
    done = run("bench.py", "--quick", "--only", "corpus", "--corpus", str(corpus / "manifests"), cache=tmp_path)
    assert (done.status, done.err) == (0, "")
    taken = r"50\.0% of 2 documents, 9\d\.\d% of 0\.0 MB of YAML with a trigger"
    read = r"50\.0% of 4 documents, 9\d\.\d% of 0\.0 MB"
    assert re.search(rf"^  block reader: {taken} \({read}\)$", done.out, re.MULTILINE)


def test_the_readers_of_a_stream_without_a_document(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_bytes(b"---\n")
    done = run("readers.py", str(tmp_path / "empty.yaml"), cache=tmp_path)
    what = "none of 0 documents"
    assert done == (0, f"block reader: {what} of YAML with a trigger ({what})\n", "")


# Runs something: with a child that holds memory, or for ever.
MEASURE = """\
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from measure import run
done = run((sys.executable, "-c", sys.argv[2]), Path("/dev/null"), patience=float(sys.argv[3]))
print(int(done.peak / 1e6), done.failure)
"""
FORK = """\
import os, time
child = os.fork()
held = bytes(range(256)) * 200_000  # 51 MB in each of the two
time.sleep(1)
child and os.wait()
"""


def measured(script: str, patience: float = 60) -> Done:
    command = [sys.executable, "-c", MEASURE, str(BENCHMARKS), script, str(patience)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of several processes is told by /proc")
def test_the_memory_of_children_counts() -> None:
    done = measured(FORK)
    assert (done.status, done.err) == (0, "")
    assert 102 <= int(done.out) <= 140


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of several processes is told by /proc")
def test_memory_that_children_share_counts_once() -> None:
    done = measured("held = bytes(range(256)) * 200_000\nimport os, time\nif os.fork(): os.wait()\nelse: time.sleep(1)")
    assert (done.status, done.err) == (0, "")
    assert 51 <= int(done.out) <= 80


@needs_posix
def test_a_run_that_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "child"
    script = f"import os, time\nif not os.fork(): open({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    done = measured(script, 1)
    assert (done.status, done.err) == (0, "")
    assert "killed after" in done.out
    assert ends(int(note.read_text()))


def ends(process: int) -> bool:
    """Whether a process is gone soon."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@needs_posix
def test_byte_code_is_kept_in_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    done = measured("import sys; sys.exit(sys.dont_write_bytecode)")
    assert (done.status, done.out.split()[1:]) == (0, [])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(["--quick", "--check"], "pass --check without --quick", id="limits of small inputs"),
        pytest.param(["--only", "corpus"], "--only corpus needs --corpus DIR", id="no corpus"),
        pytest.param(["--corpus", "missing"], "missing is not a folder", id="missing corpus"),
    ],
)
@needs_posix
def test_bench_refuses(args: list[str], message: str, tmp_path: Path) -> None:
    done = run("bench.py", *args, cache=tmp_path)
    assert (done.status, done.out) == (2, "")
    assert message in done.err


def test_accuracy_prints_every_figure_in_all_and_by_category(corpus: Path, tmp_path: Path) -> None:
    done = run("accuracy.py", str(corpus), cache=tmp_path)
    assert (done.status, done.err) == (0, "")
    lines = [" ".join(line.split()[:4]) for line in done.out.splitlines()]
    assert lines[2:7] == [
        "recall 1/2 = 50.00",
        "short 1/1 = 100.00",
        "precision 2/3 = 66.67",
        "identity 1/1 = 100.00",
        "stable 1/1 = 100.00",
    ]
    cells = [line.split() for line in done.out.splitlines()[9:]]
    assert cells == [
        ["a-podspec", "1/1", "1/1", "2/2", "1/1", "1/1"],
        ["b-image-key", "0/1", "-", "-", "1/1", "1/1"],
        ["(no", "label)", "-", "-", "0/1", "-", "-"],
    ]


def test_accuracy_lists_what_was_missed_and_what_is_wrong(corpus: Path, tmp_path: Path) -> None:
    done = run("accuracy.py", str(corpus), "--misses", "9", "--wrong", "9", cache=tmp_path)
    assert [line.split("\t") for line in done.out.splitlines() if "\t" in line] == [
        ["missed", "web.yaml:9", "b-image-key", CONTAINER, "ghcr.io/a/broken"],
        ["wrong", "web.yaml:8", "quay.io/a/unlabelled:1"],
    ]


def test_accuracy_leaves_the_corpus_as_it_is(corpus: Path, tmp_path: Path) -> None:
    run("accuracy.py", str(corpus), cache=tmp_path)
    assert (corpus / "manifests" / "web.yaml").read_bytes() == POD.encode()


def test_accuracy_names_a_missing_column(corpus: Path, tmp_path: Path) -> None:
    (corpus / "mentions.tsv").write_text("file\tline\nweb.yaml\t6\n")
    done = run("accuracy.py", str(corpus), cache=tmp_path)
    assert (done.status, done.out) == (2, "")
    assert "is not of the form described in README.md: 'kind'" in done.err


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        pytest.param([], "name the folder with the labelled manifests: make accuracy CORPUS=FOLDER", id="none"),
        pytest.param([""], "name the folder with the labelled manifests: make accuracy CORPUS=FOLDER", id="empty"),
        pytest.param(["missing"], "missing is not a folder", id="missing"),
        pytest.param(["."], ". holds no manifests and no mentions.tsv; a corpus has both", id="of another form"),
    ],
)
def test_accuracy_refuses_in_one_line(folder: list[str], message: str, tmp_path: Path) -> None:
    done = run("accuracy.py", *folder, cache=tmp_path)
    assert done == (2, "", f"error: {message}\n")
