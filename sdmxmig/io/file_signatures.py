"""Signatures of files that are not tables."""

from __future__ import annotations

FOREIGN = (
    (b"%PDF", "a PDF document", "Ask for the workbook that it was made from."),
    (b"{\\rtf", "a text document (RTF)", "Copy its table into a workbook and save that as .xlsx."),
    (b"MIME-Version:", "a web archive (MHTML)", "Open it in a spreadsheet program and save it as .xlsx."),
    (b"<", "an XML file that is no table", "Name the workbook or the text file that holds the table."),
    (b"\x1f\x8b", "a compressed file (gzip)", "Unpack it first."),
    (b"\x89PNG", "a picture", "Ask for the workbook that it was made from."),
    (b"\xff\xd8\xff", "a picture", "Ask for the workbook that it was made from."),
)
