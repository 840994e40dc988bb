"""Every example of docs/what-is-rewritten.md, and the diff that README.md opens with.

In the page, an example is a `yaml` block followed by a `diff` block with the lines that change, by
`unchanged: REASON` with the reason of the report, or by `unchanged, and not in the report`. The
comment `<!-- mirrors: SOURCE=MIRROR ... -->` holds for all examples below it, `<!-- exclude: GLOB -->`
for the next one. A section whose heading begins with a role and a colon shows that role.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from kubectl_tcr import Exclude, Rewrite, Settings, Site, Status, build, parse_rule, rewrite
from kubectl_tcr.kubernetes.roles import Role
from kubectl_tcr.reports.diff import split_lines

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "what-is-rewritten.md"
README = ROOT / "README.md"

PART = re.compile(
    r"^(?P<level>##+) (?P<title>(?:(?P<role>[a-z]+): )?[^\n]+)\n"
    r"|^<!-- mirrors:(?P<mirrors>[^>]*?)-->\n"
    r"|(?:^<!-- exclude: (?P<exclude>[^\n]+?) -->\n)?"
    r"^```yaml\n(?P<before>.*?)^```\n\n"
    r"(?:```diff\n(?P<diff>.*?)^```$|unchanged(?:: (?P<reason>[^\n]+)|, and not in the report)$)",
    re.MULTILINE | re.DOTALL,
)
OPENING = re.compile(r"^```diff\n--- a/(\S+)\n\+\+\+ [^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A manifest, what it is rewritten with, and what must become of it."""

    role: str
    title: str
    mirrors: tuple[str, ...]
    exclude: str
    before: str
    diff: str
    reason: str

    def run(self) -> Rewrite:
        rules = build([tuple(parse_rule(mirror) for mirror in self.mirrors)])
        excludes = (Exclude(reference=self.exclude),) if self.exclude else ()
        return rewrite(self.before.encode(), Settings(rules=rules, excludes=excludes))


def examples() -> Iterator[Example]:
    role, title, mirrors = "", "", ()
    for part in PART.finditer(PAGE.read_text(encoding="utf-8")):
        role = (part["role"] or "") if part["level"] == "##" else role
        title = part["title"] or title
        mirrors = tuple((part["mirrors"] or "").split()) or mirrors
        if part["before"]:
            said = (part["before"], part["diff"] or "", part["reason"] or "")
            yield Example(role, title, mirrors, part["exclude"] or "", *said)


EXAMPLES = tuple(examples())


def named(example: Example) -> str:
    return re.sub(r"\W+", "-", example.title).strip("-")


def changed(before: bytes, after: bytes) -> str:
    """The lines that differ, line by line; no line comes or goes."""
    pairs = zip(split_lines(before), split_lines(after), strict=True)
    return "".join(f"-{old.decode()}+{new.decode()}" for old, new in pairs if old != new)


def reason(site: Site) -> str:
    if site.status is Status.UNMAPPED:
        return f"no rule for {site.host}"
    return "stands on a mirror already" if site.status is Status.MIRRORED else site.reason


def test_no_block_of_the_page_goes_unread() -> None:
    assert len(EXAMPLES) == PAGE.read_text(encoding="utf-8").count("```yaml\n") > 40


@pytest.mark.parametrize("example", [example for example in EXAMPLES if not example.diff], ids=named)
def test_what_is_left_alone_stays_for_the_reason_given(example: Example) -> None:
    done = example.run()
    assert done.output == example.before.encode()
    assert {reason(site) for site in done.sites} == ({example.reason} if example.reason else set())


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example.diff], ids=named)
def test_what_is_rewritten_changes_these_lines_and_no_other_byte(example: Example) -> None:
    done = example.run()
    assert changed(example.before.encode(), done.output) == example.diff
    assert rewrite(done.output, Settings(rules=build([[parse_rule(m) for m in example.mirrors]]))).output == done.output


def test_every_role_has_a_section() -> None:
    assert {example.role for example in EXAMPLES} == {*Role, ""}


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example.role], ids=named)
def test_an_example_shows_the_role_of_its_section(example: Example) -> None:
    roles = {site.role for site in example.run().sites}
    assert example.role in roles or not roles


def test_the_readme_opens_with_what_the_tool_does_to_the_fixture() -> None:
    block = OPENING.search(README.read_text(encoding="utf-8"))
    assert block
    source = (ROOT / block[1]).read_bytes()
    shown = "".join(line + "\n" for line in block[2].split("\n") if line[:1] in ("-", "+"))
    assert shown == changed(source, rewrite(source).output)
