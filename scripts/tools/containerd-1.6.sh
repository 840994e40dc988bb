# containerd 1.6 with its ctr, from Debian 12's packages, unpacked and not installed.
apt-get download containerd || { apt-get update && apt-get download containerd; }
dpkg -x containerd_1.6.*.deb root
mv root/usr/bin/ctr "$BIN/ctr"
mv root/usr/bin/containerd "$BIN/containerd-1.6"
