"""What is published of the benches: the file, the pictures, and the README's table."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.bench import figures
from tests.bench.__main__ import APART, NAMES
from tests.bench.charts import curve_svg, figure_svg, ticks
from tests.bench.figures import Curve, Figure, Point
from tests.bench.results import Result, as_json, read, surroundings, written

ICON = Figure("exec to <icon> & menu", "ms", [110.0, 112.0, 131.0], [100.0, 99.0, 104.0], 1.1)
STALL = Figure("longest stall", "ms", [4.0], limit=16)
GROWTH = Curve("memory", "MB", "signals", [Point(200, [70.0]), Point(100_000, [150.0, 152.0])])
SVG = "{http://www.w3.org/2000/svg}"


def test_a_written_result_is_read_as_it_was(tmp_path: Path) -> None:
    result = Result((ICON, STALL), (GROWTH,), surroundings())
    again = read(written(result, tmp_path))
    assert as_json(again) == as_json(result)


def test_a_figure_is_told_with_its_runs_its_ratio_and_its_limit() -> None:
    (told, _) = as_json(Result((ICON, STALL)))["figures"]
    assert told["oo"] == {"median": 112, "least": 110, "most": 131, "runs": [110, 112, 131]}
    assert (told["ratio"], told["limit"], told["verdict"]) == (1.12, 1.1, "OVER")


def test_each_figure_and_each_curve_has_a_picture_of_its_own(tmp_path: Path) -> None:
    written(Result((ICON, STALL), (GROWTH,)), tmp_path)
    assert sorted(file.name for file in tmp_path.glob("*.svg")) == [
        "exec-to-icon-menu.svg",
        "longest-stall.svg",
        "memory-by-signals.svg",
    ]


def test_nothing_in_a_result_names_the_machine_or_a_folder() -> None:
    told = str(surroundings())
    assert Path("/etc/hostname").read_text().strip() not in told
    assert "/" not in told.replace("GNU/Linux", "")


def test_every_run_is_a_dot_in_its_row() -> None:
    dots = ET.fromstring(figure_svg(ICON)).findall(f"{SVG}circle")
    assert [dot.get("class") for dot in dots] == ["floor"] * 3 + ["oo"] * 3


def test_what_grows_in_proportion_is_a_straight_line() -> None:
    straight = Curve("x", "ms", "y", [Point(n, [n * 3.0]) for n in (10, 50, 200)])
    dots = ET.fromstring(curve_svg(straight)).findall(f"{SVG}circle")
    (x1, y1), (x2, y2), (x3, y3) = ((float(d.get("cx", 0)), float(d.get("cy", 0))) for d in dots)
    assert (y2 - y1) / (x2 - x1) == pytest.approx((y3 - y1) / (x3 - x1), rel=0.01)


def test_every_bench_is_run_and_has_a_name_of_its_own() -> None:
    folder = Path(figures.__file__).parent
    there = {file.stem for file in folder.glob("*.py") if "\ndef bench(" in file.read_text()}
    assert there == {*NAMES, *APART}
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (100_000, [0, 20_000, 40_000, 60_000, 80_000, 100_000]),
        (16, [0, 5, 10, 15, 20]),
        (0.4, [0, 0.1, 0.2, 0.3, 0.4]),
        (0, [0, 1]),
    ],
)
def test_an_axis_has_a_few_round_numbers(most: float, expected: list[float]) -> None:
    assert ticks(most) == pytest.approx(expected)
