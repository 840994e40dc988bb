# Ansible and its linter, from PyPI, in a virtual environment of their own.
rm -rf "$CACHE/ansible"
python3 -m venv "$CACHE/ansible"
"$CACHE/ansible/bin/pip" install --quiet ansible-core==2.19.3 ansible-lint==25.9.2
ln -sf "$CACHE/ansible/bin/ansible-playbook" "$CACHE/ansible/bin/ansible-lint" "$BIN/"
