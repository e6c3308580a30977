"""The release of the evidence and its changes agree."""

import re

from remit.evidence.findings import load_findings
from remit.evidence.fingerprint import fingerprint
from remit.evidence.release import load_release
from remit.evidence.tables import published, read_text


def test_the_newest_change_is_that_of_the_release():
    text = read_text(published() / "EVIDENCE_CHANGES.md", "EVIDENCE_CHANGES.md")
    told = re.findall(r"^## (\d+), (\d{4}-\d\d-\d\d)$", text, re.MULTILINE)
    release = load_release()
    assert told[0] == (str(release.version), release.date)
    assert [int(number) for number, _ in told] == list(range(release.version, 0, -1))
    assert f"{len(load_findings())} findings" in text
    assert release.hash == fingerprint()
    assert str(release).startswith(f"Evidence release {release.version}, ")
