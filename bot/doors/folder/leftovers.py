"""The table of what other programs leave in a folder, with the program it comes from.

A pattern is a last name in lower case, with `*`, `?` and `[…]` as in a shell. Names are compared without regard to
case: Windows, macOS and the shares that both write to have none. No pattern may match what a person would call a file:
it is a whole name, or a beginning or an ending, that only the program gives ("#recycle", never "recycle"; "*.part",
never "part").
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leftover:
    """What one kind of program leaves: patterns of file names, and of folders with all that lies below them."""

    program: str
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


SAFE_SAVE = ("*.sb-" + "[0-9a-f]" * 8 + "-??????", "*.*.sb-*")
"""Where macOS writes a document before it takes the old one's place: `report.docx.sb-6be2a2b1-gBvmqp`."""

LEFTOVERS: tuple[Leftover, ...] = (
    # Half files of programs that fetch, copy and share
    Leftover(
        "a browser's download",
        (
            *("*.crdownload", "*.part", "*.partial", "*.download", "*.opdownload", "*.downloading", "*.crswap"),
            ".pending-*",
        ),
        ("*.download",),
    ),
    Leftover(
        "a download manager, torrent client or file transfer",
        (
            *("*.!qb", "*.!ut", "*.ut!", "*.!bt", "*.bc!", "*.jc!", "*.!mv", "*.aria2", "*.aria2__temp", "*.parts"),
            *("*.part.met", "*.part.met.bak", "*.part-frag*", "*.ytdl", "*.dtapart", "*.fdmdownload", "*.dctmp"),
            *("*.td.cfg", "*.bt.td", "*.xltd", "*.antifrag", "*.incomplete", "*.filepart", "*.lftp-pget-status"),
            *("*.cyberducksegment", ".pureftpd-upload.*"),
        ),
        ("*.cyberducksegment",),
    ),
    Leftover(
        "a synchroniser",
        (
            *(".syncthing.*", "~syncthing~*", "*.sync-conflict-*", "*.!sync", "*.rsls", "*.rslsc", "*.rslsv"),
            *("._sync_*.db*", ".sync_*.db*", ".owncloudsync.log*", ".nextcloudsync.log*", ".unison.*", "*.unison.tmp"),
            *(".dropbox", ".dropbox.attr", ".dropbox.device", ".rsync-*", ".getxfer.*.mega", "*.rclone_chunk.*"),
            *("*.drivedownload", "*.driveupload", "*.ffs_tmp", "*.ffs_db", "*.ffs_lock"),
        ),
        (
            *(".stfolder", ".stversions", ".sync", ".dropbox.cache", ".~tmp~", ".rsync-partial", ".tmp.drivedownload"),
            *(".tmp.driveupload", ".synologyworkingdirectory", ".debris", "_gsdata_", "_syncapp"),
        ),
    ),
    Leftover("a placeholder, whose file is not on this disk", (".*.icloud", "*.owncloud", "*.nextcloud", "*.cloudf")),
    Leftover(
        "a shortcut",
        (
            *("*.url", "*.website", "*.lnk", "*.pif", "*.appref-ms", "*.library-ms", "*.search-ms"),
            *("*.searchconnector-ms", "*.webloc", "*.inetloc", "*.fileloc", "*.ftploc", "*.afploc", "*.mailloc"),
            *("*.vncloc", "*.desktop", "*.gdoc", "*.gsheet", "*.gslides", "*.gform", "*.gdraw", "*.gmap", "*.gsite"),
            *("*.gtable", "*.gscript", "*.gjam", "*.glink", "*.gnote", "*.gvids", "*.gshortcut", "*.paper", "*.papert"),
        ),
    ),
    # What was thrown away, and old states of files
    Leftover(
        "a recycle bin",
        (),
        (
            *("$recycle.bin", "#recycle", "@recycle", "@sharebin", "trashbox", "network trash folder", "s-1-5-*"),
            *(".trash", ".trash-*", ".trashes", ".recycle", ".recycler", ".recycle.bin"),
        ),
    ),
    Leftover(
        "a storage system's snapshots",
        (),
        (
            *("#snapshot", "@recently-snapshot", "@snapshot", "@snapshots", "@gmt-*", "~snapshot", ".snapshot"),
            *(".snapshots", ".zfs", ".ckpt"),
        ),
    ),
    # Systems
    Leftover(
        "Windows",
        (
            *("thumbs.db", "thumbs.db:*", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "folder.htt"),
            *("*zone.identifier", "*:$data", "*:smartscreen", "*:favicon", "indexervolumeguid", "wpsettings.dat"),
        ),
        ("system volume information", "found.[0-9][0-9][0-9]", "dfsrprivate"),
    ),
    Leftover(
        "macOS",
        (
            *("._*", ".ds_store", "icon\r", ".apdisk", ".localized", ".volumeicon.icns", ".com.apple.*", "*:afp_*"),
            *("*:com.apple.*", "desktop db", "desktop df", *SAFE_SAVE),
        ),
        (
            *("__macosx", ".spotlight-v100", ".fseventsd", ".temporaryitems", "temporary items", ".appledouble"),
            *(".documentrevisions-v100", ".appledb", ".appledesktop", "thevolumesettingsfolder"),
            *("thefindbycontentfolder", "(a document being saved by *)", *SAFE_SAVE),
        ),
    ),
    Leftover("Linux", (".nfs*", ".fuse_hidden*", ".directory"), ("lost+found",)),
    Leftover(
        "a storage system (Synology, QNAP, Asustor)",
        ("*@synoeastream", "*@synoresource"),
        ("@eadir", "@tmp", "@synologydrive", "@synologycloudsync", "@__thumb", ".@*"),
    ),
    Leftover("Samba", (".smb*", "*:com.dropbox.*", "*:dosattrib", "*:user.dosattrib")),
    # Offices and editors
    Leftover(
        "an office program",
        (
            *("~$*", "~wr*.tmp", ".~*", "*.laccdb", "*.ldb", "*.idlk", "*.dwl", "*.dwl2", "*.sv$", "*.ac$"),
            *("lu????*.tmp", "*.wbk", "*.asd", "*.xlk"),
        ),
    ),
    Leftover(
        "an editor",
        (
            *("#*#", ".#*", "*~", "*.swp", "*.swo", "*.swn", "*.swx", "4913", "*.kate-swp", ".goutputstream-*"),
            *("*___jb_tmp___", "*___jb_old___", "*___jb_bak___"),
        ),
    ),
    Leftover("a program's working file", ("*.tmp", "*.temp", "*.lock", "*.lck", "*.bak")),
    # Last: what the lines above know better
    Leftover("hidden", (".*",), (".*",)),
)
