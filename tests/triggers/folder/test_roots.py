import pytest

from triggers.folder.roots import network_mount

MOUNTS = r"""/dev/vda / ext4 rw 0 0
host:/x /mnt/share nfs4 rw 0 0
me /mnt/a\040b fuse.sshfs rw 0 0
/dev/b /d fuseblk rw 0 0
"""


@pytest.mark.parametrize(
    ("root", "kind"),
    [("/home/me", ""), ("/mnt/share/in", "nfs4"), ("/mnt/shared", ""),
     ("/mnt/a b/c", "fuse.sshfs"), ("/mnt", "nfs4"), ("/d/x", "")],
)  # fmt: skip
def test_a_network_mount_that_holds_the_root_or_lies_below_it_is_found(root, kind):
    assert network_mount(root, MOUNTS) == kind
