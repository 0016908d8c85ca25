from __future__ import annotations

import io

from crm_core.progress import Pace, ProgressLine


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_pace_tells_rows_done_rows_a_second_and_time_left() -> None:
    pace = Pace(500, 2000, 2.0)
    assert (pace.share, pace.rows_per_second, pace.seconds_left) == (0.25, 250.0, 6.0)


def test_pace_before_the_first_row_promises_nothing() -> None:
    assert Pace(0, 2000, 0.0).seconds_left is None
    assert Pace(0, 0, 0.0).share == 1.0


def test_line_is_drawn_on_a_screen_and_cleared_at_the_end() -> None:
    screen = Screen()
    with ProgressLine("a.csv", 10, screen) as progress:
        progress(5)
    assert "a.csv: 5 of 10 rows" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_line_stays_out_of_files() -> None:
    file = io.StringIO()
    with ProgressLine("a.csv", 10, file) as progress:
        progress(5)
    assert file.getvalue() == ""
