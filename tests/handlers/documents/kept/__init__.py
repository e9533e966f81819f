"""Documents made by us, each the smallest of its kind, with what must be read from them."""

from tests.handlers.documents.kept import charsets, html, mails, odt, packages, pdfs, rtf, sheets, slides, word
from tests.handlers.documents.rig import Kept

DOCUMENTS: tuple[Kept, ...] = (
    *charsets.DOCUMENTS,
    *mails.DOCUMENTS,
    *word.DOCUMENTS,
    *odt.DOCUMENTS,
    *slides.DOCUMENTS,
    *rtf.DOCUMENTS,
    *sheets.DOCUMENTS,
    *html.DOCUMENTS,
    *pdfs.DOCUMENTS,
    *packages.DOCUMENTS,
)
