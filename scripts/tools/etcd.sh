# etcd, from Debian; unpacked beside the other tools, nothing on the system changes.
apt-get download etcd-server || { apt-get update && apt-get download etcd-server; }
dpkg -x etcd-server_*.deb .
mv usr/bin/etcd "$BIN/etcd"
