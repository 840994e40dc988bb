"""What containerd asks for each source host: the table of mirrors, or the hosts.toml files."""

from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes.containerd.changes import HOSTS, MIRRORS
from kubectl_tcr.nodes.containerd.config_toml import read
from kubectl_tcr.nodes.containerd.effective import registry
from kubectl_tcr.nodes.containerd.hosts_files import hosts_files
from kubectl_tcr.nodes.containerd.hosts_toml import CERTS
from kubectl_tcr.nodes.containerd.installed import installed
from kubectl_tcr.nodes.containerd.mirrors_table import mirrors_table
from kubectl_tcr.nodes.containerd.problems import of_list, problems
from kubectl_tcr.nodes.containerd.process import running
from kubectl_tcr.nodes.containerd.unread import newer
from kubectl_tcr.nodes.plan import Node
from kubectl_tcr.nodes.report import Problem, Report, missing


def report(node: Node, rules: Rules, version: str = "") -> Report:
    """The mirrors that its files name, and what is wrong with these; raises NodeError."""
    one = running(node)
    there = installed(node, version, one.config, one.program)
    config = read(node, one.config, there.release, there.dump)
    found = registry(config)
    wrong = list(problems(config))
    if found.mirrors and not found.config_path:
        asked, more = mirrors_table(found, config.main.path, rules)
    elif of_list(config, found):
        asked, more = [], []
    else:
        if not found.folders:
            wrong.append(Problem(config.main.path, "config_path is not set, so containerd looks for no hosts.toml"))
        asked, more = hosts_files(node, found.folders or (CERTS,), rules, there.release)
    wrong += [*more, *missing(rules, asked, config.main.path, by_path=True)]
    unread = newer(node, config)
    if unread and not config.restart_pending:
        what = "was changed after containerd was started; restart containerd (systemctl restart containerd)"
        wrong.append(Problem(unread, what))
    is_pending = config.restart_pending or (None if unread is None else bool(unread))
    style = HOSTS if found.config_path else MIRRORS if found.mirrors else ""
    release = str(there.release or "")
    return Report("containerd", tuple(asked), tuple(wrong), release, style, is_pending)
