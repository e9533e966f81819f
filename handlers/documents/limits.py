"""Every figure that bounds the reading of a document, with its unit and where it comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one document. Bytes are bytes on disk unless said otherwise; seconds are `_s`; edges are pixels.

    Figures of the vendor (docs.claude.com, "PDF support", "Vision" and "Errors: request size limits"):

    - `pdf_pages`: pages of one PDF. 100 is the page's older figure and the one for models with a 200,000 token
      window; models with a window of a million tokens take 600.
    - `request_bytes`: the whole request, where base64 adds a third to every file; `reserve_bytes` of it are kept
      for the question, the thread and the other files.
    - `image_edge_px`, `image_bytes`: the longest edge and the largest picture taken. The bytes are those of the
      base64 text, the stricter reading of "5 MB".
    - `image_scaled_px`: the long edge Claude sees at most; what is re-encoded is brought down to it.
    - `images`: pictures of one file (pages of a TIFF); above 20 the vendor's edge limit falls to 2,000 px.

    Figures of ours:

    - `text_chars`: characters of text taken from one file, about 60,000 tokens; the rest is cut, visibly.
    - `file_bytes`: the largest file that is unpacked or converted (plain text may be larger: its start is read).
    - `markup_bytes`: the largest web page, mail or rich text file (25 MB is the usual ceiling of mail servers).
    - `image_pixels`: pixels that are ever decoded; 100 million need 0.4 GB.
    - `unpacked_bytes`, `member_bytes`, `members`: what the directory of a zip may declare in all, for one member,
      and how many. `member_ratio`: unpacked to packed, for members over `ratio_from_bytes`; Office files have 7-32.
    - `sheet_cells`: cells of a workbook that are stored and looked at, rows included; `reading_s` may end it before.
    - `reading_s`: after so long a converter stops where it is and says so.
    - `mail_*`: header block, parts, nesting and one header's value, counted before the mail is parsed.
    - `child_memory_bytes`, `child_cpu_s`, `child_wall_s`: limits of the process that reads untrusted formats.
    """

    pdf_pages: int = 100
    request_bytes: int = 32_000_000
    reserve_bytes: int = 1_000_000
    image_edge_px: int = 8000
    image_bytes: int = 5 * 1024 * 1024
    image_scaled_px: int = 1568
    images: int = 20

    text_chars: int = 200_000
    file_bytes: int = 50_000_000
    markup_bytes: int = 25_000_000
    image_pixels: int = 100_000_000
    unpacked_bytes: int = 100_000_000
    member_bytes: int = 50_000_000
    members: int = 2000
    member_ratio: int = 200
    ratio_from_bytes: int = 1_000_000
    sheet_cells: int = 2_000_000
    reading_s: float = 10.0
    mail_header_bytes: int = 65_536
    mail_header_chars: int = 2000
    mail_parts: int = 100
    mail_nesting: int = 20
    child_memory_bytes: int = 1024**3
    child_cpu_s: int = 20
    child_wall_s: float = 30.0

    @property
    def native_bytes(self) -> int:
        """The largest file that still fits the request once base64 has made it a third larger."""
        return (self.request_bytes - self.reserve_bytes) * 3 // 4
