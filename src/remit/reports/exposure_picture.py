"""The picture of an exposure as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from remit.reports.exposure_chart import described
from remit.reports.exposure_page import MEASURES, table_rows
from remit.reports.picture import check_path, drawn, list_html, table_html, write_whole


def save(specification: dict[str, Any], found: dict[str, Any], path: Path) -> Path:
    """Write the picture; the ending of the path chooses the kind.

    Args:
        specification: from `remit.reports.exposure_chart.exposure_chart`.
        found: from `remit.reports.exposure_record.record`.
        path: FILE.svg, .png, .pdf or .html.

    Raises:
        InputRefused: the ending is not one of a picture.
        OutputRefused: the file cannot be written.
    """
    check_path(path)

    def sections() -> list[tuple[str, str]]:
        level = f"{100 * found['level']:g}"
        table = table_html(["substance", *MEASURES], table_rows(found))
        return [
            (f"Typical person, and between which values {level} of 100 people lie", table),
            ("Assumed, borrowed or left out", list_html(found["assumed"])),
        ]

    kind = path.suffix.lower()
    return write_whole(drawn(specification, kind, found["question"], described(found), sections), path)
