"""One run of `kubectl tcr-images`: from sources to a list, a summary and an exit status."""

from collections.abc import Iterable, Sequence
from functools import partial

from kubectl_tcr.errors import TcrError
from kubectl_tcr.inventory import formats, summary
from kubectl_tcr.inventory.collect import ImageTally
from kubectl_tcr.inventory.image import Image
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.inventory.request import Request
from kubectl_tcr.inventory.verdict import Grade, verdict
from kubectl_tcr.pipeline import Rewriter
from kubectl_tcr.reports.summary import configuration, failed
from kubectl_tcr.run import request as rewriting
from kubectl_tcr.run import workers
from kubectl_tcr.run.console import Console
from kubectl_tcr.run.run import LONGEST
from kubectl_tcr.run.work import Work
from kubectl_tcr.signals import settle
from kubectl_tcr.statuses import DONE, FAILED, FOUND


def run(request: Request, console: Console) -> int:
    """Carry out a request; the exit status. Raises TcrError where there is no list.

    What cannot be read, where the run goes on, is named behind the list of the rest.
    """
    tally, errors = _tally(request)
    settle()
    try:
        images = _asked(request, tally.images(), console)
        listing = _listing(request, tally, images)
        output = formats.render(request.output, listing).encode("utf-8", "backslashreplace")
        console.deliver(lambda out: out.write(output))
    finally:
        for error in errors:
            console.grade("error", str(error))
    uncopied = summary.uncopied(listing, images) if request.output in formats.COPIES else ()
    unasked = summary.unasked(images) if request.asking else ()
    untagged = summary.tag_elsewhere(images) if request.asking or request.output in formats.COPIES else ()
    for warning in (*request.warnings, *tally.warnings, *untagged, *uncopied, *unasked):
        console.warn(warning)
    for line in summary.troubles(images):
        console.say(line)
    if not request.quiet:
        before = (*failed(errors, request.sources), *configuration(request.configuration), *request.passed)
        for line in (*before, *summary.lines(listing), *summary.answers(images)):
            console.say(line)
    return FAILED if errors else status(images)


def status(images: Iterable[Image]) -> int:
    """What is known to be wrong goes before what is not known: it is what can be mended."""
    grades = {verdict(image).grade for image in images}
    if Grade.BAD in grades:
        return FOUND
    return FAILED if Grade.UNKNOWN in grades else DONE


def _tally(request: Request) -> tuple[ImageTally, Sequence[TcrError]]:
    """The images of all sources, counted as a rewrite that writes nothing sees them, and what could not be read."""
    new_tally = partial(ImageTally, keep=request.verbose, is_canonical=request.canonical)
    checked = rewriting.Request(request.sources, request.settings, rewriting.Mode.CHECK, goes_on=request.goes_on)
    rewriter = Rewriter(request.settings, detail=False, longest=LONGEST)
    work = Work(checked, rewriter, processes=workers.count(), new_tally=new_tally)
    try:
        work.all()
    finally:
        work.spool.close()
    tally = work.tally
    assert isinstance(tally, ImageTally)  # noqa: S101 made by new_tally
    return tally, work.errors


def _asked(request: Request, images: tuple[Image, ...], console: Console) -> tuple[Image, ...]:
    """The images with what registries say of them, where they are asked."""
    if request.asking is None:
        return images
    from kubectl_tcr.inventory.asking import Asker
    from kubectl_tcr.inventory.progress import shown

    asker = Asker(images, is_source_asked=request.source)
    problems: list[str] = []
    with shown(len(asker.questions()), console.err) as told:
        found = asker.answered(request.asking, told, problems.append)
    for problem in dict.fromkeys(problems):
        console.warn(problem)
    return found


def _listing(request: Request, tally: ImageTally, images: tuple[Image, ...]) -> Listing:
    listed = tuple(image for image in images if not request.only or image.standing in request.only)
    if request.missing:
        listed = tuple(image for image in listed if verdict(image).is_missing)
    return Listing(
        images=listed,
        rules=request.settings.rules,
        documents=tally.documents,
        hosts=tally.hosts,
        used=frozenset(tally.used),
        to=request.to,
        is_verbose=request.verbose,
        is_missing=request.missing,
        unknown=sum(verdict(image).grade is Grade.UNKNOWN for image in images),
    )
