"""The configuration file, and how it, flags and environment become one set of settings."""

import os
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_tcr.errors import ConfigError, Location, ReadError, RuleError
from kubectl_tcr.files import TOO_LARGE, configuration
from kubectl_tcr.images.mirrors import Rule, Rules, build, make_rule, parse_rule
from kubectl_tcr.images.presets import PRESETS, preset
from kubectl_tcr.images.trusted import Trust, parse_trusted
from kubectl_tcr.kubernetes.fields import FIELDS, Field, Fields, flaw, flaw_of_path
from kubectl_tcr.settings import Exclude, Scope, Settings
from kubectl_tcr.text.document import Path as FieldPath
from kubectl_tcr.text.document import format_path, position
from kubectl_tcr.text.schema import fits
from kubectl_tcr.text.tables import shipped

MIRRORS_VARIABLE = "KUBECTL_TCR_MIRRORS"
PRESET_VARIABLE = "KUBECTL_TCR_PRESET"
CONFIG_VARIABLE = "KUBECTL_TCR_CONFIG"
FIND_VARIABLE = "KUBECTL_TCR_FIND_CONFIG"

# The configuration of a repository, which is looked for only where the user says so: the input of others must not bring
# rules of its own.
CONFIG_NAME = ".tcr-rewrite.yaml"
# What is written by mistake for it.
_NEAR_MISS = ".tcr-rewrite.yml"
# What the root of a repository has; in a work tree of git it is a file.
_ROOT_HAS = ".git"

DEFAULT_PRESET = "default"


class Config(NamedTuple):
    """What one layer asks for; empty where it says nothing."""

    rules: tuple[Rule, ...] = ()
    preset: str = ""
    excludes: tuple[Exclude, ...] = ()
    scope: str = ""
    unmapped: str = ""
    suspected: str = ""
    fields: tuple[Field, ...] = ()
    trusted: tuple[Trust, ...] = ()
    crds: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    file: str = ""  # it was read from


class Layers(NamedTuple):
    """The layers of a run, the strongest first: `asked` by flags, and `found` in the environment."""

    asked: tuple[Config, ...]
    found: tuple[Config, ...]

    def around(self, *between: Config) -> tuple[Config, ...]:
        """All layers, those of a KRM function between flags and environment."""
        return (*self.asked, *between, *self.found)


class Chosen(NamedTuple):
    """What all layers together ask for; `unasked` is the layer of the preset if none of them names one.

    `warnings` tell what could not be learned of custom resources; `ignore` are the paths that are passed over,
    `file` is the configuration that was read.
    """

    settings: Settings
    unmapped: str
    suspected: str
    unasked: str = ""
    warnings: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    file: str = ""


def choose(layers: Iterable[Config]) -> Chosen:
    """Merge layers, the strongest first; what is excluded, declared, defined, trusted or ignored in any of them holds.

    Raises RuleError, and ConfigError for definitions that cannot be read.
    """
    layers = tuple(layers)
    scope = next((layer.scope for layer in layers if layer.scope), "text")
    fields = FIELDS.extended(field for layer in layers for field in layer.fields)
    fields, warnings = _learned(fields, [name for layer in layers for name in layer.crds])
    settings = Settings(
        rules=rules(layers),
        scope=Scope[scope.upper()],
        excludes=excludes(layers),
        fields=fields,
    )
    unmapped = next((layer.unmapped for layer in layers if layer.unmapped), "ignore")
    suspected = next((layer.suspected for layer in layers if layer.suspected), "warn")
    unasked = "" if _preset(layers) else preset(DEFAULT_PRESET)[0].layer
    ignore = tuple(glob for layer in layers for glob in layer.ignore)
    file = next((layer.file for layer in layers if layer.file), "")
    return Chosen(settings, unmapped, suspected, unasked, warnings, ignore, file)


def rules(layers: Iterable[Config]) -> Rules:
    """The rules of all layers, and what they trust; raises RuleError."""
    layers = tuple(layers)
    started = preset(_preset(layers) or DEFAULT_PRESET)
    return build([*(layer.rules for layer in layers), started], (one for layer in layers for one in layer.trusted))


def excludes(layers: Iterable[Config]) -> tuple[Exclude, ...]:
    """What all layers leave alone."""
    return tuple(exclude for layer in layers for exclude in layer.excludes)


def _preset(layers: Iterable[Config]) -> str:
    """The preset that the strongest layer names, empty where none does."""
    return next((layer.preset for layer in layers if layer.preset), "")


def _learned(fields: Fields, names: Sequence[str]) -> tuple[Fields, tuple[str, ...]]:
    """A table with what the definitions in files and directories say, and warnings; raises ConfigError."""
    if not names:
        return fields, ()
    from kubectl_tcr.crds import files

    found = files.learned(names)
    return fields.extended(found.declared, found.suspected, found.complete), found.warnings


def from_environment(environment: Mapping[str, str]) -> Config:
    """The layer of the environment: rules separated by commas or blanks, and a preset.

    Raises RuleError.
    """
    words = environment.get(MIRRORS_VARIABLE, "").replace(",", " ").split()
    name = environment.get(PRESET_VARIABLE, "")
    try:
        rules = tuple(parse_rule(word, MIRRORS_VARIABLE) for word in words)
    except RuleError as error:
        raise RuleError(f"{MIRRORS_VARIABLE}: {error.what}") from None
    if name and name not in PRESETS:
        raise RuleError(f"{PRESET_VARIABLE}: {name} is no preset; choose one of {', '.join(PRESETS)}")
    return Config(rules=rules, preset=name)


def nearest() -> str:
    """The configuration of the repository around the working directory: the nearest up to its root, empty for none.

    Outside of a repository it is that of the working directory alone.
    Raises ConfigError for a file of nearly that name, without which the run would go by other rules in silence.
    """
    found = _nearest()
    if found.endswith(_NEAR_MISS):
        raise ConfigError(f"is looked for as {CONFIG_NAME}; rename it", Location(found))
    return found


def _nearest() -> str:
    up, here = "", os.getcwd()  # noqa: PTH109 see run/sources.py
    found = ""
    while True:
        for name in () if found else (CONFIG_NAME, _NEAR_MISS):
            if not found and os.path.isfile(os.path.join(here, name)):  # noqa: PTH113, PTH118
                found = up + name
        if os.path.exists(os.path.join(here, _ROOT_HAS)):  # noqa: PTH110, PTH118
            return found
        above = os.path.dirname(here)  # noqa: PTH120
        if above == here:
            return found if found in (CONFIG_NAME, _NEAR_MISS) else ""
        up, here = f"..{os.sep}{up}", above


def from_file(name: str) -> Config:
    """The layer of a configuration file, checked against `schemas/config.schema.json`.

    Raises ConfigError, which names file, line and key.
    """
    try:
        raw = configuration(name)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", Location(name)) from None
    if raw is None:
        raise ConfigError(TOO_LARGE, Location(name))
    try:
        found = parse(raw.decode("utf-8-sig").replace("\r\n", "\n"), name)
        # Files are named as seen from this one, wherever the command is run.
        return found._replace(crds=tuple(_beside(name, one) for one in found.crds), file=name)
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8", Location(name)) from None


def _beside(config: str, name: str) -> str:
    """The path of a file that a configuration names; what is no path stays as it is."""
    return name if "://" in name or name == "-" else os.path.join(os.path.dirname(config), name)  # noqa: PTH118, PTH120


def parse(text: str, name: str) -> Config:
    """A configuration from its text; `name` is the file in messages.

    Raises ConfigError.
    """
    from kubectl_tcr.readers import plain

    data, lines = plain.load(text) or _loaded(text, name)
    return checked(data, lines, name)


def _loaded(text: str, name: str) -> tuple[Any, dict[FieldPath, int]]:
    """What a parser reads, which takes longer to load than a run without it; raises ConfigError."""
    from kubectl_tcr.readers import values

    try:
        return values.load(text)
    except ReadError as error:
        raise ConfigError(error.what, Location(name, position(text, error.offset)[0])) from None


def checked(data: Any, lines: Mapping[FieldPath, int], name: str) -> Config:
    """A configuration from its values and the lines on which they stand; raises ConfigError."""
    _validate(data, lines, name)
    spec = data.get("spec", {})
    return Config(
        rules=_rules(spec.get("mirrors", ()), lines, name),
        preset=spec.get("preset", ""),
        excludes=tuple(Exclude(**row) for row in spec.get("exclude", ())),
        scope=spec.get("scope", ""),
        unmapped=spec.get("unmapped", ""),
        suspected=spec.get("suspected", ""),
        fields=_fields(spec.get("fields", ()), lines, name),
        trusted=_trusted(spec.get("trusted", ()), lines, name),
        crds=tuple(spec.get("crds", ())),
        ignore=tuple(spec.get("ignore", ())),
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of the configuration."""
    import json

    loaded: dict[str, Any] = json.loads(shipped("schemas/config.schema.json", __file__))
    return loaded


def _validate(data: Any, lines: Mapping[FieldPath, int], name: str) -> None:
    declared = schema()
    if fits(data, declared):
        return
    import fastjsonschema

    try:
        fastjsonschema.compile(declared)(data)
    except fastjsonschema.JsonSchemaValueException as error:
        path: FieldPath = tuple(int(part) if part.isdigit() else part for part in error.path[1:])
        path, what = _explain(path, error)
        raise ConfigError(f"{format_path(path) or 'the file'} {what}", Location(name, _line(path, lines))) from None


# The pattern of the schema for texts that say something.
_NOT_BLANK = r"\S"
_TYPES = {"object": "a mapping", "array": "a list", "string": "a string"}


def _explain(path: FieldPath, error: Any) -> tuple[FieldPath, str]:
    """The path that is wrong and what is wrong with it, in the words of a YAML file."""
    rule, wanted = error.rule, error.rule_definition
    if rule == "additionalProperties":
        known = error.definition["properties"]
        unknown = next(key for key in error.value if key not in known)
        return (*path, str(unknown)), f"is no known key; choose one of {', '.join(known)}"
    if rule == "required":
        missing = next(key for key in wanted if key not in error.value)
        return path, f"lacks the key {missing}"
    if rule == "enum":
        return path, f"must be one of {', '.join(wanted)}"
    if rule == "const":
        return path, f"must be {wanted}"
    if rule == "type":
        return path, f"must be {_TYPES.get(wanted, wanted)}"
    if rule == "pattern" and wanted == _NOT_BLANK:
        return path, "is empty; name what it is for, or leave the key out"
    if rule == "minProperties":
        return path, "is empty; name a reference, kind, name, namespace or field"
    return path, flaw_of_path(error.value)


def _line(path: FieldPath, lines: Mapping[FieldPath, int]) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _fields(rows: Sequence[Mapping[str, str]], lines: Mapping[FieldPath, int], name: str) -> tuple[Field, ...]:
    """The declared fields of a file; raises ConfigError for one that nothing can match."""
    fields = tuple(Field(**row, is_users=True) for row in rows)
    for index, field in enumerate(fields):
        found = flaw(field)
        if found:
            path: FieldPath = ("spec", "fields", index, found.key)
            raise ConfigError(f"{format_path(path)} {found.what}", Location(name, _line(path, lines)))
    return fields


def _trusted(globs: Sequence[str], lines: Mapping[FieldPath, int], name: str) -> tuple[Trust, ...]:
    """What a file trusts; raises ConfigError for what trusts nothing."""
    found: list[Trust] = []
    for index, glob in enumerate(globs):
        try:
            found += parse_trusted(glob, name)
        except RuleError as error:
            path: FieldPath = ("spec", "trusted", index)
            raise ConfigError(f"{format_path(path)}: {error.what}", Location(name, _line(path, lines))) from None
    return tuple(found)


def _rules(rows: Sequence[Mapping[str, str]], lines: Mapping[FieldPath, int], name: str) -> tuple[Rule, ...]:
    """The rules of a file, checked one by one and together."""
    rules: list[Rule] = []
    for index, row in enumerate(rows):
        try:
            rules.append(make_rule(row["source"], row["mirror"], name))
        except RuleError as error:
            raise _wrong_rule(index, error, lines, name) from None
    try:
        build([rules])
    except RuleError as error:
        # Rules that do not go together do not either with more of them: the first that is too many is searched for.
        count = bisect_left(range(1, len(rules)), True, key=lambda count: not _go_together(rules[:count]))
        raise _wrong_rule(count, error, lines, name) from None
    return tuple(rules)


def _go_together(rules: Sequence[Rule]) -> bool:
    try:
        build([rules])
    except RuleError:
        return False
    return True


def _wrong_rule(index: int, error: RuleError, lines: Mapping[FieldPath, int], name: str) -> ConfigError:
    path: FieldPath = ("spec", "mirrors", index)
    return ConfigError(f"{format_path(path)}: {error.what}", Location(name, _line(path, lines)))
