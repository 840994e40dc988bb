# pre-commit, from PyPI, in a virtual environment of its own.
rm -rf "$CACHE/pre-commit"
python3 -m venv "$CACHE/pre-commit"
"$CACHE/pre-commit/bin/pip" install --quiet pre-commit==4.7.0
ln -sf "$CACHE/pre-commit/bin/pre-commit" "$BIN/pre-commit"
