# The registry that serves as a mirror on loopback, from Debian's packages, unpacked and not installed.
apt-get download docker-registry || { apt-get update && apt-get download docker-registry; }
dpkg -x docker-registry_*.deb root
mv root/usr/bin/docker-registry "$BIN/docker-registry"
