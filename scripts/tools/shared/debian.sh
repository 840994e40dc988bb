# Sourced by tools that are a package of some suite of Debian, be it another than the machine's.

# Unpacks a package into the folder root; nothing is installed. apt keeps its lists of that suite in the scratch folder.
unpack() { # suite package
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
    mkdir -p apt/lists/partial apt/archives/partial
    echo "deb ${mirror:-http://deb.debian.org/debian/} $1 main" >apt/sources.list
    set -- "$2" -o "Dir::Etc::SourceList=$PWD/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State=$PWD/apt" -o "Dir::Cache=$PWD/apt"
    package=$1
    shift
    apt-get "$@" update
    apt-get "$@" download "$package"
    dpkg -x "$package"_*.deb root
}

# containerd of a suite, and its ctr.
containerd() { # suite release
    unpack "$1" containerd
    mv root/usr/bin/containerd "$BIN/containerd-$2"
    mv root/usr/bin/ctr "$BIN/ctr-$2"
}
