# shellcheck, from Debian's packages, unpacked and not installed.
apt-get download shellcheck || { apt-get update && apt-get download shellcheck; }
dpkg -x shellcheck_*.deb root
mv root/usr/bin/shellcheck "$BIN/shellcheck"
