# `make demo` and `make test` set everything up in .venv that they need; nothing else needs to be installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run
READY := $(VENV)/.ready
COMPILED := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kubectl-tcr-compiled

.PHONY: test check e2e compiled trials releases fuzz dist bench growth memory accuracy gate fields asking admission demo clean

test: $(READY)
	$(BIN)/pytest -n auto

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --strict benchmarks/*.py
	$(BIN)/mypy --strict -p fuzz

# Real helm, kustomize, kubectl and an API server; what is missing is installed outside the checkout.
e2e: $(READY)
	scripts/install-tools
	KUBECTL_TCR_E2E=required $(BIN)/pytest e2e --ignore=e2e/test_trials.py --ignore=e2e/test_compiled.py

# The compiled build (a C compiler is needed, and minutes): the tests of `make test` on it, and both builds held equal.
compiled: $(READY) $(COMPILED)/.ready
	$(COMPILED)/bin/pytest -n auto --import-mode=append
	KUBECTL_TCR_COMPILED=$(COMPILED)/bin/python $(BIN)/pytest e2e/test_compiled.py

# Kills, signals and full disks at any moment, a hundred rounds of each; how many hit something depends on the machine.
trials: $(READY)
	$(BIN)/pytest e2e/test_trials.py

# Nodes with every release of containerd that is known, where `make e2e` has three, and policies on an older API server.
releases: $(READY)
	scripts/install-tools --releases
	KUBECTL_TCR_E2E=required KUBECTL_TCR_RELEASES=all $(BIN)/pytest e2e/nodes e2e/test_policy.py e2e/test_kyverno.py

# Mutants of manifests held against what kubectl reads, for a minute; FUZZ="--hours 8" or FUZZ="--mutants 200000" for more.
fuzz: $(READY)
	scripts/install-tools yaml-oracle
	$(BIN)/python -m fuzz $(FUZZ)

# What a release consists of, into dist/; REPOSITORY is the URL that Krew will download below, DIST_COMPILED=no saves minutes.
dist: $(READY)
	scripts/build-dist $(BIN)/python $(REPOSITORY)

# The main job on a shipped fixture; it needs what the program itself needs, and nothing that only tests do.
demo: $(RUN)
	$(BIN)/kubectl-tcr_rewrite --diff fixtures/streams/chart.yaml || test $$? -eq 1

# Figures: throughput and memory beside other programs, and of the compiled build if it is there; BENCH holds options
# (benchmarks/README.md).
bench: $(READY)
	-scripts/install-tools yq kbld kustomize
	KUBECTL_TCR_COMPILED=$(COMPILED)/bin/python $(BIN)/python benchmarks/bench.py $(BENCH)

# Inputs that once grew faster than linear, at three sizes: status 1 if CPU time or memory does again.
growth: $(READY)
	$(BIN)/python benchmarks/growth.py

# One document of 50 MB in several spellings: status 1 if it takes more than a few times its size in memory.
memory: $(READY)
	$(BIN)/python benchmarks/memory.py

# Figures: recall and precision on labelled manifests; CORPUS is a folder with mentions.tsv and manifests/.
accuracy: $(READY)
	$(BIN)/python benchmarks/accuracy.py "$(CORPUS)"

# Figures: how many images of charts a run without rules counts, suspects, or does not name; FOLDER holds more of them.
gate: $(READY)
	scripts/install-tools helm3 kustomize
	$(BIN)/python benchmarks/gate.py $(FOLDER)

# Figures: how many short names in custom resources are found without and with the definitions that lie in FOLDER.
fields: $(READY)
	$(BIN)/python benchmarks/fields.py $(FOLDER)

# Figures: a thousand images of twenty registries on loopback asked for, beside crane.
asking: $(READY)
	scripts/install-tools crane docker-registry
	$(BIN)/python benchmarks/asking.py $(ASKING)

# Figures: what a policy of 10 and of 300 rules adds to the creation of a pod, ADMISSION="--most" also how many a server takes.
admission: $(READY)
	scripts/install-tools etcd kube-apiserver
	$(BIN)/python benchmarks/admission.py $(ADMISSION)

$(RUN): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make demo PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable .
	touch $@

# `--group` is known from pip 25.1 on.
$(READY): $(RUN)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

$(COMPILED)/.ready: pyproject.toml scripts/build-compiled $(shell find kubectl_tcr -type f -not -name '*.pyc')
	scripts/build-compiled $(BIN)/python $(COMPILED)
	touch $@

clean:
	rm -rf $(VENV) dist
