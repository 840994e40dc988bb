"""A user's folder with a chart, rules and Helm, against a real API server."""

import shutil
from pathlib import Path

from .cluster import Cluster, differences

ROOT = Path(__file__).resolve().parent.parent
CHARTS = ROOT / "e2e" / "charts"
EXAMPLES = ROOT / "examples" / "helm"
# As in crds.sh.
DEFINITIONS = "helm template harbour harbour --include-crds --show-only 'crds/*' --show-only 'charts/*/crds/*'"

# Of the chart harbour: an image of a template, a hook, a sub-chart, a hook of that, and a default in a definition.
SOME = ("api:4.2.0", "moor:1.0", "buoy:1.2", "lights:1.0", "anchor:1.4")


def moved_back(text: str, rest: str) -> str:
    """What harbour was before the default rules and a rule for the rest moved its images; they did move all sorts."""
    for image in SOME:
        assert f"quay.tencentcloudcr.com/harbour/{image}" in text
    for mirror in (f"{rest}/docker.io/library/", f"{rest}/docker.io/", f"{rest}/"):
        text = text.replace(mirror, "")
    return text.replace("quay.tencentcloudcr.com", "quay.io")


class Shop:
    """A user's folder with the chart, the rules, and `helm` as one of its versions."""

    def __init__(self, cluster: Cluster, helm: str, program: str) -> None:
        self.cluster = cluster
        self.folder = cluster.folder
        # What --post-renderer takes: an executable, since Helm 4 a plugin.
        self.renderer = {"helm3": "kubectl-tcr_rewrite", "helm4": "tcr-rewrite"}[helm]
        # Where helm4-plugin.sh keeps what Helm 4 installs.
        own_data = {"HELM_DATA_HOME": str(self.folder / "home" / ".local" / "share" / "helm4")}
        self._variables = own_data if helm == "helm4" else {}
        (self.folder / "harbour").symlink_to(CHARTS / "harbour")
        (self.folder / "silent").symlink_to(CHARTS / "silent")
        (self.folder / "kubectl-tcr").symlink_to(ROOT)
        shutil.copy(EXAMPLES / "mirrors.yaml", self.folder)
        (self.folder / "programs").mkdir()
        (self.folder / "programs" / "helm").symlink_to(program)
        self._filter = self.folder / "no-filter" / "kubectl-tcr_rewrite"
        self._filter.parent.mkdir()
        self._filter.write_text("#!/bin/sh\nexec cat\n")
        self._filter.chmod(0o755)

    def run(self, script: str, *, is_filtered: bool = True, **variables: str) -> tuple[int, str]:
        """The status and messages of a bash script; one of the examples is called by its name."""
        first = [] if is_filtered else [str(self._filter.parent)]
        path = ":".join([*first, str(self.folder / "programs")])
        words = [str(EXAMPLES / script)] if script.endswith(".sh") else ["bash", "-euo", "pipefail", "-c", script]
        with self.cluster.finishing_jobs():
            done = self.cluster.run(*words, env={**self._variables, **variables, "PATH": path})
        return done.status, done.out + done.err

    def succeed(self, script: str, *, is_filtered: bool = True, **variables: str) -> str:
        status, messages = self.run(script, is_filtered=is_filtered, **variables)
        assert status == 0, messages
        return messages

    def moved(self, *scripts: str) -> list[str]:
        """What scripts leave on the server that the same scripts without the filter do not."""
        for script in scripts:
            self.succeed(script, is_filtered=False)
        before = self.cluster.objects()
        self.cluster.wipe()
        self.cluster.enter_namespace()
        for script in scripts:
            self.succeed(script)
        return differences(before, self.cluster.objects())
