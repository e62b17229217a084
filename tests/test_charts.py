"""Charts: what a question declares is drawn, as SVG and with characters, whatever the names are."""

from __future__ import annotations

import io
import math
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from rich.cells import cell_len

from flows.cli import app, options
from flows.pictures import charts
from flows.pictures.answer import picture
from flows.pictures.canvas import Picture
from flows.pictures.day_axis import ticks
from flows.pictures.labels import FONT_SIZE, place_labels
from flows.pictures.network import Edge, network, spread
from flows.pictures.page import escape, link, table, write_page
from flows.pictures.terminal import chart_lines, print_chart
from flows.pictures.words import clean, number, percent, shown
from flows.pictures.world_map import Point, frame, world_map
from small_warehouse import ARTICLES, make_warehouse, rows_of
from warehouse.questions import ask, questions
from warehouse.sqlfiles import CHART_ROLES, OPTIONAL_ROLES, Chart

CHARTED = {name: each.chart for name, each in questions().items() if each.chart}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("charts") / "data", rows_of(ARTICLES))


def texts(drawn: Picture) -> list[str]:
    return [each.text or "" for each in etree.fromstring(drawn.svg).iter(f"{SVG}text")]


class TestHeaders:
    @pytest.mark.parametrize("name", CHARTED)
    def test_name_columns_that_the_answer_has(self, name: str) -> None:
        chart = CHARTED[name]
        assert chart.kind in CHART_ROLES
        roles = set(CHART_ROLES[chart.kind])
        assert roles - OPTIONAL_ROLES <= set(chart.columns) <= roles
        types = dict(questions()[name].returns)
        for role, columns in chart.columns.items():
            assert set(columns) <= set(types)
            assert len(columns) == 1 or role == "y"
            if role in {"y", "value", "weight", "size", "latitude", "longitude"}:
                assert {types[column] for column in columns} <= {"BIGINT", "DOUBLE"}
            if role == "x":
                assert types[columns[0]] == "DATE"

    def test_every_kind_is_used(self) -> None:
        assert {chart.kind for chart in CHARTED.values()} == set(CHART_ROLES)

    @pytest.mark.parametrize("name", sorted(questions()))
    def test_are_read_where_they_stand(self, name: str) -> None:
        assert questions()[name].text.count("-- chart:") == int(name in CHARTED)


#: Question, parameters, and what its picture says in words.
PICTURES: list[tuple[str, dict[str, Any], str]] = [
    ("top_people", {}, "Bars of articles. Ada Nord: 4; Ben Sund: 4"),
    ("share_of_voice", {"names": ["Ada Nord", "Paris"]}, "Bars of share of voice. Ada Nord: 0.667; Paris: 0.333"),
    (
        "timeline",
        {"name": "Ada Nord"},
        "Each day from 1 Jan 2024 to 10 Jan 2024. articles: 3 in all, most on 3 Jan 2024 (2)",
    ),
    (
        "correlation",
        {"name": "Ada Nord", "other": "Ben Sund"},
        "Each day from 1 Jan 2024 to 10 Jan 2024. articles: 3 in all, most on 3 Jan 2024 (2); "
        "articles of other: 4 in all, most on 1 Jan 2024 (2)",
    ),
    (
        "network",
        {"min_count": 2},
        "A network of 3 names and 3 pairs. Ada Nord and Oslo: 2; Ben Sund and Oslo: 2; Ada Nord and Ben Sund: 2",
    ),
    ("places_on_map", {}, "A map of 3 places. Oslo: 2; Paris: 2; Bergen: 1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "words"), PICTURES, ids=[each[0] for each in PICTURES])
def test_a_picture_says_in_words_what_it_shows(name: str, values: dict[str, Any], words: str, data: Path) -> None:
    with ask(questions()[name], values, data).result as result:
        columns, rows = result.columns, result.fetch(1_000)
    drawn = picture(CHARTED[name], columns, rows)
    assert drawn is not None
    assert drawn.alt == words
    assert picture(CHARTED[name], columns, rows) == drawn
    assert picture(CHARTED[name], columns, []) is None


@pytest.mark.parametrize("name", CHARTED)
def test_every_question_with_a_chart_is_drawn(name: str, data: Path, tmp_path: Path) -> None:
    arguments = ["ask", name, "--data", str(data), "--html", str(tmp_path / "x.html"), "--chart"]
    assert app(arguments, result_action="return_value") == options.OK
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert escape(questions()[name].description) in page
    assert f"dateline ask {name}" in page


class TestPictures:
    def test_bars_have_their_names_and_numbers(self) -> None:
        drawn = charts.bars("x", "articles", ["Ada", None, date(2024, 1, 3)], [1_234, None, 0.25])
        assert [text for text in texts(drawn) if text] == ["Ada", "(none)", "3 Jan 2024", "1,234", "0.25"]
        assert drawn.alt == "Bars of articles. Ada: 1,234; (none): ; 3 Jan 2024: 0.25"

    def test_more_bars_than_can_be_read_are_told(self) -> None:
        drawn = charts.bars("x", "articles", [f"n{place}" for place in range(30)], range(30))
        assert drawn.alt.endswith("n4: 4; and 25 more")
        assert "n24" in texts(drawn)
        assert "n25" not in texts(drawn)

    def test_lines_of_many_days_show_the_highest_of_each_column(self) -> None:
        days = [date(2000, 1, 1) + timedelta(days=place) for place in range(7_000)]
        values = [0] * 7_000
        values[3_333] = 9
        numbers, highest = charts._thinned(np.arange(7_000), np.array(values))
        assert len(numbers) == len(highest) <= 750
        assert highest.max() == 9
        assert charts.thinning(7_000) == " One column stands for 10 days and shows the highest of them."
        assert charts.thinning(700) == ""
        assert "articles: 9 in all, most on 15 Feb 2009 (9)" in charts.lines("x", days, [("articles", values)]).alt

    def test_lines_without_any_value_are_drawn(self) -> None:
        drawn = charts.lines("x", [date(2024, 1, 1)], [("share", [None])])
        assert "share: 0 in all" in drawn.alt

    @pytest.mark.parametrize(
        "name",
        [
            "Бен Сунд",
            "奥斯陆",
            "باريس",
            "שלום",
            "$\\alpha$ $x$",
            "<b>&\"'",
            "a\nb\x1b[31m",
            "x" * 500,
            "",
            "🙂",
            "--> <!--",
        ],
    )
    def test_any_name_is_letters_and_no_warning(self, name: str) -> None:
        days = [date(2024, 1, 1), date(2024, 1, 2)]
        for drawn in (
            charts.bars("x", name, [name], [1]),
            charts.compared_bars("x", [name], [2], [1.0]),
            charts.lines("x", days, [(name, [1, 2]), ("other", [0, 1])]),
            charts.small_lines("x", days, days[1], [(name, [1, 2])]),
            network("x", [Edge(name, "other", 1)]),
            world_map("x", [Point(name, 0, 0, 1)]),
        ):
            shown_name = clean(name, 22)[:20]
            assert any(shown_name in text for text in texts(drawn)) or not shown_name.strip()
            assert "<path" in drawn.svg

    def test_settings_of_the_machine_do_not_count(self) -> None:
        plain = charts.bars("x", "articles", ["Ada"], [1])
        with mpl.rc_context({"font.size": 40, "svg.fonttype": "path", "text.color": "red"}):
            assert charts.bars("x", "articles", ["Ada"], [1]) == plain
            assert mpl.rcParams["font.size"] == 40

    def test_ids_are_those_of_the_picture(self) -> None:
        drawn = world_map("places", [Point("Oslo", 60, 10, 1)])
        ids = re.findall(r' id="([^"]*)"', drawn.svg)
        assert ids
        assert all(each.startswith("places-") for each in ids)
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', drawn.svg)) == set(ids)

    def test_a_network_has_a_legend_where_there_are_several_types(self) -> None:
        edges = [Edge("Ada", "Oslo", 2, "PERSON", "PLACE"), Edge("Ada", "Talks", 1, "PERSON", "EVENT")]
        assert {"person", "place", "other"} <= set(texts(network("x", edges)))
        assert "person" not in texts(network("x", [Edge("Ada", "Ben", 2, "PERSON", "PERSON")]))


class TestDayAxis:
    @pytest.mark.parametrize(
        ("first", "last", "names"),
        [
            (date(2023, 12, 31), date(2024, 1, 1), ["31 Dec\n2023", "1 Jan\n2024"]),
            (date(2024, 1, 1), date(2024, 1, 14), ["1 Jan\n2024", "8 Jan"]),
            (date(2024, 1, 3), date(2024, 3, 20), ["8 Jan\n2024", "22 Jan", "5 Feb", "19 Feb", "4 Mar", "18 Mar"]),
            (date(2023, 10, 5), date(2024, 4, 2), ["Nov\n2023", "Dec", "Jan\n2024", "Feb", "Mar", "Apr"]),
            (date(1987, 2, 1), date(2020, 7, 1), ["1990", "2000", "2010", "2020"]),
        ],
    )
    def test_names_days_weeks_months_or_years(self, first: date, last: date, names: list[str]) -> None:
        assert [name for _, name in ticks(first, last)] == names

    @settings(deadline=None)
    @given(st.dates(date(1001, 1, 1), date(2900, 1, 1)), st.integers(0, 40_000))
    def test_has_a_few_names_within_the_period(self, first: date, count: int) -> None:
        last = first + timedelta(days=count)
        named = ticks(first, last)
        assert 1 <= len(named) <= 10
        assert all(first <= day <= last for day, _ in named)
        assert len({day for day, _ in named}) == len(named)


coordinates = st.floats(0, 300, allow_nan=False)


class TestLayout:
    @settings(deadline=None)
    @given(st.lists(st.tuples(coordinates, coordinates, st.floats(1, 12), st.text("aM中", max_size=20)), max_size=25))
    def test_labels_lie_within_the_picture_and_not_on_each_other(
        self, nodes: list[tuple[float, float, float, str]]
    ) -> None:
        labels = place_labels(
            [node[:2] for node in nodes], [node[2] for node in nodes], [node[3] for node in nodes], (300, 300)
        )
        boxes = []
        for label in labels:
            x, y, _, text = nodes[label.point]
            width = sum(1.0 if char == "中" else 0.6 for char in text) * FONT_SIZE
            left = x + label.right - {"left": 0, "right": width, "center": width / 2}[label.side]
            boxes.append((left, y + label.up, left + width))
        assert all(left >= -1e-6 and right <= 300 + 1e-6 for left, _, right in boxes)
        for place, (left, middle, right) in enumerate(boxes):
            for other_left, other_middle, other_right in boxes[place + 1 :]:
                is_apart = right <= other_left + 1e-6 or other_right <= left + 1e-6
                assert is_apart or abs(middle - other_middle) >= FONT_SIZE * 1.15 - 1e-6

    def test_nodes_stand_as_far_apart_as_there_are_edges_between_them(self) -> None:
        at = spread(np.array([[0, 1], [1, 2], [2, 3]]), 4)
        gaps = [float(np.linalg.norm(at[place + 1] - at[place])) for place in range(3)]
        ends = float(np.linalg.norm(at[3] - at[0]))
        assert max(gaps) < ends
        assert at.min() == 0
        assert at.max() == 1
        assert spread(np.zeros((0, 2), dtype=np.int64), 0).shape == (0, 2)
        assert spread(np.array([[0, 1], [1, 2], [2, 3]]), 4).tolist() == at.tolist()

    @settings(deadline=None)
    @given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=20))
    def test_a_map_shows_all_its_points(self, points: list[tuple[float, float]]) -> None:
        north, east = (np.array(values) for values in zip(*points, strict=True))
        (left, right), (low, high), ratio = frame(north, east)
        assert left <= east.min()
        assert east.max() <= right
        assert low <= north.min()
        assert min(north.max(), 84) <= high + 1e-9
        assert left >= -180 - 1e-9
        assert right <= 180 + 1e-9
        assert 0.3 < ratio < 5


class TestTerminal:
    def test_bars(self) -> None:
        chart = Chart("bars", {"label": ("name",), "value": ("n",)})
        rows = [("Ada", 4), ("Ben\x1b[31m", 2), ("奥斯", 1), (None, None)]
        assert chart_lines(chart, ["name", "n"], rows, 24) == [
            "Ada       ████████████ 4",
            "Ben [31m  ██████ 2",
            "奥斯      ███ 1",
            "(none)",
        ]

    def test_columns(self) -> None:
        chart = Chart("line", {"x": ("day",), "y": ("n",)})
        rows = [(date(2024, 1, day), n) for day, n in ((1, 3), (2, 0), (3, 6))]
        assert chart_lines(chart, ["day", "n"], rows, 80) == [
            "6             █████",
            "              █████",
            "              █████",
            "  █████       █████",
            "  █████       █████",
            "0 █████       █████",
            "  2024-01-01 –",
            "  2024-01-03",
        ]

    def test_a_network_is_bars_of_its_pairs_and_a_map_of_its_places(self) -> None:
        chart = Chart("network", {"source": ("a",), "target": ("b",), "weight": ("n",)})
        assert chart_lines(chart, ["a", "b", "n"], [("Ada", "Oslo", 2)], 20, is_ascii=True) == ["Ada - Oslo  ###### 2"]
        chart = Chart("map", {"label": ("a",), "latitude": ("y",), "longitude": ("x",), "size": ("n",)})
        assert chart_lines(chart, ["a", "y", "x", "n"], [("Oslo", 60, 10, 2)], 20) == ["Oslo  ████████████ 2"]
        assert chart_lines(chart, ["a", "y", "x", "n"], [], 20) == ["(no rows)"]

    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(st.text(max_size=50), st.one_of(st.none(), st.floats(-1e6, 1e6), st.just(math.inf))), min_size=1
        ),
        st.integers(24, 200),
    )
    def test_lines_keep_to_the_width(self, rows: list[tuple[str, float | None]], width: int) -> None:
        bars = Chart("bars", {"label": ("name",), "value": ("n",)})
        days = [(date(2024, 1, 1) + timedelta(days=place), n) for place, (_, n) in enumerate(rows)]
        line = Chart("line", {"x": ("name",), "y": ("n",)})
        for chart, given_rows in ((bars, rows), (line, days)):
            for is_ascii in (False, True):
                for text in chart_lines(chart, ["name", "n"], given_rows, width, is_ascii=is_ascii):
                    assert cell_len(text) <= width
                    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", text)

    def test_what_the_output_cannot_show_is_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        raw = io.BytesIO()
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
        print_chart(Chart("bars", {"label": ("name",), "value": ("n",)}), ["name", "n"], [("Nordbänk", 1)])
        assert raw.getvalue().startswith(b"Nordb?nk  ####")


class TestCommand:
    def test_a_chart_is_plain_text_off_a_terminal(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code = app(["ask", "top_people", "--chart", "--data", str(data)], result_action="return_value")
        assert code == options.OK
        lines = capsys.readouterr().out.splitlines()
        assert lines == [
            "Who is written about most? (limit 10)",
            "",
            f"Ada Nord  {'█' * 68} 4",
            f"Ben Sund  {'█' * 68} 4",
        ]

    def test_a_page_has_the_picture_the_rows_and_the_question(self, data: Path, tmp_path: Path) -> None:
        path = tmp_path / "top.html"
        arguments = [
            "ask",
            "top_people",
            "--from",
            "2024-01-02",
            "--limit",
            "1",
            "--html",
            str(path),
            "--data",
            str(data),
        ]
        assert app(arguments, result_action="return_value") == options.OK
        page = path.read_text(encoding="utf-8")
        assert "Asked with from 2024-01-02, limit 1." in page
        assert '<th scope="row">Ada Nord</th><td class="n">2</td>' in page
        assert 'aria-label="Bars of articles. Ada Nord: 2"' in page
        assert "<code>dateline ask top_people --from 2024-01-02 --limit 1</code>" in page
        assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]*"|http-equiv', "", page)

    def test_a_page_without_rows_says_so(self, data: Path, tmp_path: Path) -> None:
        arguments = [
            "ask",
            "top_people",
            "--from",
            "2030-01-02",
            "--html",
            str(tmp_path / "x.html"),
            "--data",
            str(data),
        ]
        assert app(arguments, result_action="return_value") == options.OK
        assert "No rows: nothing in the warehouse answers it." in (tmp_path / "x.html").read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (
                ["profile", "--chart"],
                (options.USAGE, "the question profile has no chart; these have one: busiest_days,"),
            ),
            (["top_people", "--chart", "-f", "csv"], (options.USAGE, "--chart and --html go without --format and")),
            (["top_people", "--html", "no/x.html"], (options.FAILED, "no: no such folder to write x.html to")),
            (["timeline", "--chart", "--name", "Xyz"], (options.USAGE, "nobody and nothing is called 'Xyz'")),
        ],
    )
    def test_what_is_wrong_is_told(
        self,
        arguments: list[str],
        expected: tuple[int, str],
        data: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        code, message = expected
        assert app(["ask", *arguments, "--data", str(data)], result_action="return_value") == code
        assert capsys.readouterr().err.startswith(f"dateline: {message}")


class TestWords:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (None, ""), (math.nan, ""), (math.inf, ""), (0, "0"), (1_234_567, "1,234,567"), (0.25, "0.25"),
            (2 / 3, "0.667"), (12.345, "12.3"), (999.6, "1,000"), (-1_234.5, "-1,234"), (1e-5, "1e-05"),
        ],
    )  # fmt: skip
    def test_numbers(self, value: float | None, words: str) -> None:
        assert number(value) == words

    def test_values(self) -> None:
        assert [shown(value) for value in (True, False, date(2024, 5, 3), "a", 1_000)] == [
            "yes",
            "no",
            "3 May 2024",
            "a",
            "1,000",
        ]
        assert [percent(share) for share in (None, 0, 0.004, 0.256, 1)] == ["", "0%", "0.4%", "26%", "100%"]

    @settings(deadline=None)
    @given(st.text())
    def test_a_cleaned_text_is_one_line_of_xml(self, text: str) -> None:
        cleaned = clean(text)
        assert len(cleaned) == len(text)
        etree.fromstring(f'<a b="{escape(text)}">{escape(text)}</a>')
        assert not re.search(r"[\x00-\x1f\u202a-\u202e\u2066-\u2069]", cleaned)


class TestPage:
    @pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "http://[", "//x.org", "ftp://x"])
    def test_only_the_web_is_linked(self, url: str | None) -> None:
        assert link("A & B", url).text == "A &amp; B"

    def test_numbers_stand_to_the_right_and_long_tables_are_cut(self) -> None:
        text = table(
            "A <caption>", ["name", "n", "score"], [("x", 1_000, "2.0"), ("y", None, "")], right=["score"]
        ).text
        assert text.count('<td class="n">') == 4
        assert '<th scope="row">x</th><td class="n">1,000</td><td class="n">2.0</td>' in text
        assert "A &lt;caption&gt;" in text
        long = table("x", ["n"], [(place,) for place in range(250)]).text
        assert "50 more rows are not shown." in long
        assert long.count("<tr>") == 201

    def test_a_page_is_replaced_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "page.html"
        (tmp_path / "link.html").symlink_to(path)
        write_page("one", tmp_path / "link.html")
        write_page("two", tmp_path / "link.html")
        assert path.read_text(encoding="utf-8") == "two"
        assert (tmp_path / "link.html").is_symlink()
        assert sorted(each.name for each in tmp_path.iterdir()) == ["link.html", "page.html"]
        with pytest.raises(IsADirectoryError):
            write_page("three", tmp_path)
