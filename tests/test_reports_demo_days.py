"""The reports of the demo's days, to the byte: the whole job from pages to words.

After a wanted change they are renewed as tests/report_golden.py says.
"""

import pytest

from report_golden import assert_golden


@pytest.mark.parametrize(("day", "folder"), [(2, "2026-04-18"), (3, "2026-04-19")])
@pytest.mark.parametrize("ending", ["md", "csv", "atom.xml"])
def test_the_report_of_a_demo_day_is_what_it_was(demo, day, folder, ending):
    report = demo.folder / "reports" / folder / f"demo-crawl-{day}.{ending}"
    assert_golden(f"demo-day-{day}.{ending}", report.read_bytes().decode())
