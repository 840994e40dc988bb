"""Flags as values: what to read, by which settings, and what to do with it."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from kubectl_tcr import config
from kubectl_tcr.cli.outcome import wants_color
from kubectl_tcr.errors import ConfigError, RuleError, UsageError
from kubectl_tcr.images.mirrors import Rule, parse_rule
from kubectl_tcr.images.trusted import parse_trusted
from kubectl_tcr.reports import summary
from kubectl_tcr.reports.gates import Gates
from kubectl_tcr.run import passed, sources
from kubectl_tcr.run.ignored import Ignored
from kubectl_tcr.run.request import Mode, Request
from kubectl_tcr.run.sources import Inputs, Source
from kubectl_tcr.settings import Exclude


class Options:
    """Flags by name, read as what they mean; one that is missing was not given."""

    def __init__(self, flags: Mapping[str, object]) -> None:
        self._flags = flags

    def flag(self, name: str) -> bool:
        """Whether a switch is on."""
        return bool(self._flags.get(name))

    def text(self, name: str) -> str:
        """What a flag says, empty if it was not given."""
        return str(self._flags.get(name) or "")

    def many(self, name: str) -> tuple[str, ...]:
        """What a flag says each time it is given."""
        values = self._flags.get(name)
        return tuple(map(str, values)) if isinstance(values, tuple) else ()

    def number(self, name: str) -> int:
        """The number that a flag gives."""
        value = self._flags.get(name)
        return value if isinstance(value, int) else 0

    def layers(self) -> config.Layers:
        """The layers of the configuration around that of a KRM function."""
        flags = config.Config(
            rules=tuple(map(_rule, self.many("mirrors"))),
            preset=self.text("preset"),
            excludes=tuple(Exclude(reference=glob) for glob in self.many("excludes")),
            scope=self.text("scope"),
            unmapped=self.text("unmapped"),
            suspected=self.text("suspected"),
            crds=self.many("crds"),
            ignore=self.many("ignore"),
            trusted=tuple(one for text in self.many("trusted") for one in parse_trusted(text, "--trusted")),
        )
        environment = config.from_environment(os.environ)
        name, variable = self.config_file
        if not variable:
            return config.Layers((flags, config.from_file(name) if name else config.Config()), (environment,))
        try:
            return config.Layers((flags,), (config.from_file(name), environment))
        except ConfigError as error:
            raise ConfigError(f"{error} (named by {variable})") from None

    @cached_property
    def config_file(self) -> tuple[str, str]:
        """The configuration file, empty for none, and the variable that it comes by, empty where a flag names it.

        Raises UsageError and ConfigError.
        """
        name = self.text("config_file")
        if self.flag("find_config"):
            if name:
                raise UsageError("--config names the configuration, and --find-config looks for it: choose one")
            name = config.nearest()
            if not name:
                raise ConfigError(
                    f"--find-config: there is no {config.CONFIG_NAME} from here up to the repository's root; write one"
                )
        if name:
            return name, ""
        name = os.environ.get(config.CONFIG_VARIABLE, "")
        if name:
            return name, config.CONFIG_VARIABLE
        if os.environ.get(config.FIND_VARIABLE, "") not in ("", "0"):
            name = config.nearest()
        return name, config.FIND_VARIABLE if name else ""

    def found(self) -> Iterator[str]:
        """The line that names a configuration which the user did not name."""
        name, variable = self.config_file
        if self.flag("find_config") or variable == config.FIND_VARIABLE:
            yield from summary.configuration(name)

    def inputs(self, ignore: Iterable[str]) -> Inputs:
        """What to read: what is named, or standard input; what is ignored in directories is not."""
        found = self.named_inputs(ignore)
        if found is not None:
            return found
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("nothing to read: name a FILE, or pipe manifests in")
        return Inputs((sources.stdin(),))

    def named_inputs(self, ignore: Iterable[str]) -> Inputs | None:
        """Files, directories and kustomizations; None if nothing is named: an empty directory is something."""
        names = self._names()
        found = sources.files(names, recursive=self.flag("recursive"), ignored=Ignored(ignore))
        inputs = sources.inputs((*found, *self.kustomizations()))
        return inputs if inputs.sources or names else None

    def _names(self) -> list[str]:
        """Files and directories, as they are named."""
        return [*(name for group in self.many("filenames") for name in group.split(",")), *self.many("names")]

    def refuse_overwriting(self, *others: str) -> None:
        """Raise UsageError where the report would overwrite an input, or one of others that are read.

        Before anything else can fail: of what fails the report tells.
        """
        if not self.text("report"):
            return
        from kubectl_tcr.cli.overwriting import refuse_inputs

        names = (*self._names(), self.config_file[0], *self.many("crds"), *others)
        refuse_inputs(self.text("report"), names, self.many("kustomizations"))

    def kustomizations(self) -> list[Source]:
        """What kubectl builds from directories."""
        directories = self.many("kustomizations")
        flags = ("--enable-helm",) if self.flag("enable_helm") else ()
        if flags and not directories:
            raise UsageError("--enable-helm is for kustomizations; name their directory with -k")
        return [sources.kustomization(directory, flags) for directory in directories]

    def mode(self) -> Mode:
        """What becomes of the manifests."""
        if self.flag("in_place"):
            if self.flag("check") or self.flag("diff"):
                raise UsageError("--in-place writes files; --check and --diff only look: choose one")
            return Mode.IN_PLACE
        if self.flag("diff"):
            return Mode.DIFF
        return Mode.CHECK if self.flag("check") else Mode.STDOUT

    def report(self) -> str:
        """Where the report goes: to standard output if only its format is named."""
        return self.text("report") or ("-" if self.text("report_format") else "")

    def color(self) -> bool:
        """Whether to colour the diff."""
        return wants_color(self.text("color") or "auto", sys.stdout)

    def request(self, layers: config.Layers) -> Request:
        """All of it, by the settings that the layers give."""
        chosen = config.choose(layers.around())
        inputs, mode, warnings = self.inputs(chosen.ignore), self.mode(), chosen.warnings
        gates = Gates(chosen.unmapped, chosen.suspected)
        if mode.is_look or gates.can_fail:
            inputs, unchecked = inputs.gated()
            warnings = (*warnings, *unchecked)
        request = Request(
            sources=inputs.sources,
            settings=chosen.settings,
            mode=mode,
            gates=gates,
            unasked=chosen.unasked,
            warnings=warnings,
            configuration=chosen.file,
            validate=self.flag("validate"),
            report=self.report(),
            report_format=self.text("report_format") or "json",
            quiet=self.flag("quiet"),
            verbose=self.flag("verbose"),
            color=self.color(),
            escape=_is_terminal(),
            goes_on=mode.is_look and len(inputs.sources) > 1,
            passed=tuple(passed.lines(inputs.passed)),
        )
        if request.report:
            from kubectl_tcr.cli.overwriting import refuse_inputs

            found = (str(source.path) for source in request.sources if source.path)  # by links below directories, too
            refuse_inputs(request.report, found, ())
        if request.report == "-" and request.mode in (Mode.STDOUT, Mode.DIFF):
            raise UsageError(
                "the report and the manifests or the diff cannot share standard output; name a file with --report"
            )
        return request


def _rule(text: str) -> Rule:
    """A rule that a flag gives; raises RuleError, which names the flag."""
    try:
        return parse_rule(text, "--mirror")
    except RuleError as error:
        raise RuleError(f"--mirror {text}: {error.what}") from None


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
