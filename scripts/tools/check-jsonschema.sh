# check-jsonschema, from PyPI, in a virtual environment of its own. It ships the schemas of GitHub's and GitLab's files.
rm -rf "$CACHE/check-jsonschema"
python3 -m venv "$CACHE/check-jsonschema"
"$CACHE/check-jsonschema/bin/pip" install --quiet check-jsonschema==0.39.0
ln -sf "$CACHE/check-jsonschema/bin/check-jsonschema" "$BIN/check-jsonschema"
