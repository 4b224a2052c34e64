"""On which file system a path lies; network file systems have locks that may fail or always "succeed"."""

from pathlib import Path

NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "sshfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"})


def file_system_of(path: Path) -> str:
    """Return the type of the file system a path lies on; empty where the system does not tell."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    place = path.resolve()
    fitting = [(len(words[1]), words[2]) for words in mounts if place.is_relative_to(words[1])]
    return max(fitting, default=(0, ""))[1]
