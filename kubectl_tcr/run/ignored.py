"""Paths that are passed over in directories, as `--ignore` and `ignore:` name them by globs."""

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase


class Ignored:
    """Globs of paths, and the paths that matched one.

    A glob is compared with a path and with each end of it, so that `vendor` matches `deploy/vendor`;
    `*` crosses `/`.
    """

    def __init__(self, globs: Iterable[str] = ()) -> None:
        named = [glob.removeprefix("./").removeprefix("**/").rstrip("/") for glob in globs]
        # Between two folders ** stands for none, too.
        self._globs = list(dict.fromkeys(form for glob in named for form in (glob, glob.replace("/**/", "/"))))

    def has(self, path: str) -> bool:
        """Whether a file or folder is passed over."""
        if not self._globs:
            return False
        text = path.replace(os.sep, "/")
        ends = [text, *(text[at + 1 :] for at, sign in enumerate(text) if sign == "/")]
        return any(fnmatchcase(end, glob) for glob in self._globs for end in ends)
