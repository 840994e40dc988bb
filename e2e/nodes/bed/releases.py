"""The releases of containerd that tests try; scripts/tools installs them under these names."""

import os

ALL = ("1.4", "1.6", "1.7", "2.0", "2.1", "2.2.1", "2.2.9", "2.3", "2.4")
# The one of today's TKE nodes, the one that cannot have a table of mirrors, and the newest.
AT_EVERY_RUN = ("1.6", "2.2.1", "2.4")

TRIED = ALL if os.environ.get("KUBECTL_TCR_RELEASES") == "all" else AT_EVERY_RUN
