# busybox, whose sh many small systems run, from Debian's packages, unpacked and not installed.
apt-get download busybox-static || { apt-get update && apt-get download busybox-static; }
dpkg -x busybox-static_*.deb root
mv root/bin/busybox "$BIN/busybox"
