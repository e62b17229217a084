"""The report: figures computed by hand from the articles of ``small_warehouse``, and what holds for any articles."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from flows.cli import app, options
from flows.pictures.words import clean
from flows.pipeline import run_directly
from flows.report import release as release_report
from flows.report.facts import Facts, Period, PeriodError, read_facts
from flows.report.headline import comparison, headline, period_words
from flows.report.report import report_markdown, report_page
from flows.settings import Settings
from small_warehouse import ARTICLES, ENTITIES, Article, make_warehouse, rows_of
from warehouse.folder import DataFolder

PROJECT = Path(__file__).parent.parent
J = [date(2024, 1, day) if day else None for day in range(13)]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("report") / "data", rows_of(ARTICLES))


@pytest.fixture(scope="session")
def facts(data: Path) -> Facts:
    """Of 3 to 10 January: the last three of the dated articles. The eight days before have the two of the first day."""
    return read_facts(data, J[3], J[10])


@pytest.fixture(scope="session")
def tree(facts: Facts) -> Any:
    return lxml_html.fromstring(report_page(facts))


def section(tree: Any, title: str) -> Any:
    found = [each for each in tree.iter("section") if each.find("h2").text == title]
    assert len(found) == 1, title
    return found[0]


def table(part: Any, caption: str) -> list[list[str]]:
    """The rows of the table whose caption begins so."""
    found = [each for each in part.iter("table") if text_of(each.find("caption")).startswith(caption)]
    assert len(found) == 1, caption
    return [[cell.text_content() for cell in row] for row in found[0].find("tbody")]


def text_of(part: Any) -> str:
    return " ".join(part.text_content().split())


class TestFigures:
    def test_the_first_sentences(self, facts: Facts) -> None:
        assert headline(facts) == [
            "3 articles from 2 sources in 8 days; 2 in the 8 days before.",
            "Up most, though it may be chance: Ada Nord (2 articles, usually 1.5).",
            "In most articles: Ada Nord (2), Ben Sund (2) and Paris (1).",
            "6 of the 8 days have no article.",
        ]

    def test_the_tiles(self, tree: Any) -> None:
        tiles = [text_of(tile) for tile in tree.find_class("figures")[0]]
        assert tiles == [
            "articles32 in the 8 days before",
            "sources2of 2 in the warehouse",
            "names6people, places and others mentioned",
            "days with articles2of 8",
            "files refused0of 0 ever seen",
        ]

    def test_movers(self, tree: Any) -> None:
        # Ada is in two of three articles and was in one of two: half of three is 1.5. Ben was in both, so he is not up.
        # The chance of two or three of three drawn from five with three hits is 6/10 + 1/10, as a geometric series
        # 0.6 / (1 - 1/6): a score of 0.14.
        part = section(tree, "In the news more than usual")
        assert table(part, "Score") == [["Ada Nord", "person", "2", "1.5", "0.1"]]
        assert [text_of(item) for item in part.iter("li")] == [
            "Talks (daily, 3 Jan 2024)",
            "Visit (weekly, 3 Jan 2024)",
        ]

    def test_volume(self, tree: Any) -> None:
        part = section(tree, "Articles a day")
        assert "The busiest day was Wed 3 Jan 2024, with 2 articles." in text_of(part)
        assert "articles: 3 in all, most on 3 Jan 2024 (2)" in part.find(".//svg").get("aria-label")

    def test_most_mentioned(self, tree: Any) -> None:
        part = section(tree, "In most articles")
        assert table(part, "Articles that mention them") == [
            ["Ada Nord", "person", "2", "1"],
            ["Ben Sund", "person", "2", "2"],
            ["Paris", "place", "1", "1"],
            ["Bergen", "place", "1", "0"],
            ["Nordbänk", "organisation", "1", "0"],
            ["Oslo", "place", "1", "1"],
        ]
        # Of the three places two have a timeline, which begins with the first article.
        label = part.find(".//svg").get("aria-label")
        assert "Ada Nord: 3 articles, most on 3 Jan 2024 (2)" in label
        assert "Bergen" in label
        assert "Oslo" not in label

    def test_pairs(self, data: Path) -> None:
        part = section(lxml_html.fromstring(report_page(read_facts(data, J[1], J[10]))), "Who is mentioned together")
        assert table(part, "Lift") == [
            ["Ada Nord and Oslo", "2", "1.7"],
            ["Ben Sund and Oslo", "2", "1.2"],
            ["Ada Nord and Ben Sund", "2", "0.8"],
        ]
        assert "Most often together: Ada Nord and Oslo, in 2 articles." in text_of(part)

    def test_places(self, tree: Any) -> None:
        part = section(tree, "Places on the map")
        assert table(part, "Articles that mention the city") == [
            ["Bergen", "NO", "1"],
            ["Oslo", "NO", "1"],
            ["Paris", "FR", "1"],
        ]
        assert part.find(".//svg").get("aria-label").startswith("A map of 3 places. Bergen: 1; Oslo: 1; Paris: 1")

    def test_sources(self, tree: Any) -> None:
        # Bodies of 8 words (a visit) and 6 (a bank), and of 13 (the talks).
        rows = table(section(tree, "Sources"), "Articles of the period")
        assert [row[:4] + row[5:] for row in rows] == [
            ["weekly", "2", "0", "2", "10 Jan 2024", "Paris, Ada Nord, Ben Sund"],
            ["daily", "1", "2", "1", "3 Jan 2024", "Ada Nord, Ben Sund, Oslo"],
        ]

    def test_quality(self, tree: Any) -> None:
        text = text_of(section(tree, "Data quality"))
        assert "1 of 6 articles in the warehouse (17%) have no date" in text
        assert "0 of the period's 3 articles (0%) mention no name" in text
        assert "0 have the title of another one" in text
        assert "Languages: unknown 3." in text

    def test_the_note_names_the_release_and_whether_the_period_was_chosen(self, data: Path, tree: Any) -> None:
        assert text_of(tree.find_class("note")[0]) == "Release 1, loaded 1 Feb 2024 at 12:00 UTC."
        latest = lxml_html.fromstring(report_page(read_facts(data)))
        assert text_of(latest.find_class("note")[0]).startswith("The last seven days that have articles. Release 1,")
        assert latest.find(".//h1").text == "News report, 1 to 10 Jan 2024"


def test_refusals_and_the_ledger_are_told(warehouse_data: Path) -> None:
    facts = read_facts(warehouse_data)
    tree = lxml_html.fromstring(report_page(facts))
    part = section(tree, "Ledger")
    assert table(part, "Files ever seen") == [["articles", "11", "4", "7", "0", "4"]]
    assert "11 files = 4 loaded + 7 in quarantine + 0 retired, with 4 articles." in text_of(part)
    refused = table(section(tree, "Data quality"), "What is refused")
    assert sum(int(row[2]) for row in refused) == 7
    assert any("the date 2024-02-30 does not exist" in row[3] for row in refused)


def commands(tree: Any) -> list[str]:
    return [text_of(each) for each in tree.find_class("origin") for each in each.iter("code")]


def test_every_command_that_it_names_gives_an_answer(tree: Any, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = commands(tree)
    assert {command.split()[2] for command in found if command.startswith("dateline ask")} == {
        "trending", "busiest_days", "timeline", "top_people", "top_organisations", "top_places", "network",
        "places_on_map", "coverage_gaps",
    }  # fmt: skip
    for command in found:
        name, *arguments = shlex.split(command)
        assert name == "dateline"
        assert app([*arguments, "--data", str(data)], result_action="return_value") == options.OK, command
    printed = capsys.readouterr().out
    assert re.search(r"^ Ada Nord +PERSON +2 ", printed, re.MULTILINE)


class TestPeriod:
    @pytest.mark.parametrize(
        ("first", "last", "expected"),
        [
            (None, None, Period(date(2024, 1, 1), date(2024, 1, 10), is_latest=True)),
            (J[3], None, Period(date(2024, 1, 3), date(2024, 1, 10))),
            (None, J[9], Period(date(2024, 1, 3), date(2024, 1, 9))),
            (J[3], J[3], Period(date(2024, 1, 3), date(2024, 1, 3))),
            (date(2030, 1, 1), None, Period(date(2030, 1, 1), date(2030, 1, 1))),
        ],
    )
    def test_is_the_given_one_or_the_latest(
        self, first: date | None, last: date | None, expected: Period, data: Path
    ) -> None:
        assert read_facts(data, first, last).period == expected

    @pytest.mark.parametrize(
        ("first", "last", "message"),
        [
            (J[3], J[1], "the period ends on 2024-01-01, before it begins on 2024-01-03"),
            (date(1700, 1, 1), J[1], "longer than a hundred years"),
            (None, date(1, 1, 3), "0001-01-03 is too early"),
            (date(1, 1, 3), None, "0001-01-03 is too early"),
        ],
    )
    def test_that_cannot_be_told_of_is_refused(
        self, first: date | None, last: date | None, message: str, data: Path
    ) -> None:
        with pytest.raises(PeriodError, match=message):
            read_facts(data, first, last)

    @pytest.mark.parametrize(
        ("first", "last", "words"),
        [
            (date(2024, 1, 7), date(2024, 1, 7), "Sun 7 Jan 2024"),
            (date(2024, 1, 1), date(2024, 1, 7), "1 to 7 Jan 2024"),
            (date(2024, 1, 29), date(2024, 2, 4), "29 Jan to 4 Feb 2024"),
            (date(2023, 12, 27), date(2024, 1, 2), "27 Dec 2023 to 2 Jan 2024"),
        ],
    )
    def test_is_told_shortly(self, first: date, last: date, words: str) -> None:
        assert period_words(Period(first, last)) == words

    @pytest.mark.parametrize(
        ("now", "before", "words"),
        [
            (3, 0, "none in the 7 days before"),
            (30, 30, "as many as in the 7 days before"),
            (3, 2, "2 in the 7 days before"),
            (1_234, 1_102, "12% more than in the 7 days before (1,102)"),
            (50, 100, "50% fewer than in the 7 days before (100)"),
            (250, 100, "2.5 times as many as in the 7 days before (100)"),
        ],
    )
    def test_is_compared_with_the_days_before(self, now: int, before: int, words: str) -> None:
        assert comparison(now, before, Period(date(2024, 1, 1), date(2024, 1, 7))) == words


def test_what_is_sure_to_be_more_than_usual_is_told_first(tmp_path: Path) -> None:
    # A year of two articles a week that mention Ben, then a week in which Ada is in all ten.
    first = date(2023, 1, 2)
    articles = [
        Article("daily", first + timedelta(days=7 * week + day), f"Usual {week}", ("[Ben Sund] spoke.",))
        for week in range(50)
        for day in (0, 3)
    ] + [
        Article("daily", first + timedelta(days=350 + number % 7), f"News {number}", ("[Ada Nord] won.",))
        for number in range(10)
    ]
    facts = read_facts(make_warehouse(tmp_path / "data", rows_of(articles)), last=first + timedelta(days=356))
    assert headline(facts)[:2] == [
        "10 articles from 1 source in 7 days; 2 in the 7 days before.",
        "Up most against the usual: Ada Nord (10 articles, usually none).",
    ]


@pytest.mark.parametrize(
    ("articles", "words"),
    [
        ((), ["There are no articles in the warehouse yet."]),
        (
            (
                Article("daily", None, None, ("[Ada Nord] wrote.",)),
                Article("daily", date(2024, 1, 1), "B", ("[Ada Nord].",)),
            ),
            ["1 article from 1 source in 1 day; none in the day before."],
        ),
        (
            (Article("daily", date(2024, 1, 1), "No names", ("It rained.",)),),
            [
                "No person, organisation or place is mentioned in them.",
                "No person, organisation or place is mentioned in the articles of the period.",
                "1 of the period's 1 article (100%) mention no name",
                "No city that the articles mention has known coordinates.",
                "No two people, organisations or places stand together",
            ],
        ),
        (
            (Article("daily", date(2024, 1, 1), "One", ("[Ada Nord] met [Nordbänk].",)),),
            ["The warehouse has no articles of the year before", "Mon 1 Jan 2024", "No city that"],
        ),
    ],
    ids=["no articles", "one without a date", "no mentions", "one day, one source, no places"],
)  # fmt: skip
def test_a_page_says_what_there_is_not(articles: tuple[Article, ...], words: list[str], tmp_path: Path) -> None:
    facts = read_facts(make_warehouse(tmp_path / "data", rows_of(articles)))
    text = text_of(lxml_html.fromstring(report_page(facts)))
    assert [each for each in words if each not in text] == []
    assert headline(facts)[0] in report_markdown(facts, "x.html").replace("\\", "")


def test_a_warehouse_of_undated_articles_has_a_page(tmp_path: Path) -> None:
    rows = rows_of([Article("daily", date(2024, 1, 1), "A", ("[Ada Nord] wrote.",))])
    for name in ("articles", "sentences", "mentions", "versions"):
        for row in rows[name]:
            row.update({"published_month": "undated"} | ({"published_on": None} if "published_on" in row else {}))
    facts = read_facts(make_warehouse(tmp_path / "data", rows))
    assert facts.period is None
    text = text_of(lxml_html.fromstring(report_page(facts)))
    assert "None of the 1 article in the warehouse has a date." in text
    assert "1 of 1 article in the warehouse (100%) have no date" in text


def test_a_period_without_articles_has_a_page(data: Path) -> None:
    tree = lxml_html.fromstring(report_page(read_facts(data, J[11], J[12])))
    assert "There are no articles in this period; the warehouse has 6 articles." in text_of(tree)
    assert [each.find("h2").text for each in tree.iter("section")] == ["Data quality", "Ledger", "How to read this"]


#: What a stranger may write: markup, a formula, orders for a terminal, a turn of direction, letters of many scripts.
EVIL = "<script>alert(1)</script> & \"'</style> $\\alpha$ --> \x1b[31m\u202eX ]]>"
NAMES = ("<b>Ada</b>$x$", "Бен Сунд", "奥斯陆", "باريس", 'B"><svg onload=x>', "Nord`|[b](javascript:x)")


@pytest.fixture(scope="session")
def evil_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    rows = rows_of(ARTICLES)
    for article, url in zip(
        rows["articles"],
        [None, "data:text/html,x", "https://example.org/?a=1&b=<2>", "javascript:alert(1)", "http://[", "file:///etc"],
        strict=True,
    ):
        article |= {"title": f"{EVIL} {article['record_no']}", "url": url, "source": f"<i>{article['source']}"}
    for version in rows["versions"]:
        version["source"] = f"<i>{version['source']}"
    for entity, name in zip(rows["entities"], NAMES, strict=True):
        entity["name"] = name
    data = make_warehouse(tmp_path_factory.mktemp("evil") / "data", rows)
    return report_page(read_facts(data, J[3], J[10]))


class TestUntrustedText:
    def test_stays_text(self, evil_page: str) -> None:
        tree = lxml_html.fromstring(evil_page)
        tags = {each.tag for each in tree.iter() if isinstance(each.tag, str)}
        assert not tags & {"script", "b", "i", "img", "iframe", "object", "embed", "link", "form", "base"}
        assert not [name for each in tree.iter() for name in each.attrib if name.startswith("on")]
        text = text_of(tree)
        assert " ".join(clean(EVIL).split()) in text
        assert "<i>weekly" in text
        assert "<b>Ada</b>$x$" in text
        for number, char in enumerate(evil_page):
            assert char == "\n" or char.isprintable(), (number, hex(ord(char)))

    def test_names_of_every_script_are_letters_in_the_pictures(self, evil_page: str) -> None:
        tree = lxml_html.fromstring(evil_page)
        drawn = {text_of(each) for svg in tree.iter("svg") for each in svg.iter("text")}
        for name in NAMES:
            assert any(name in text for text in drawn), name

    def test_links_lead_to_the_web_and_tell_it_nothing(self, evil_page: str) -> None:
        links = list(lxml_html.fromstring(evil_page).iter("a"))
        assert [link.get("href") for link in links] == ["https://example.org/?a=1&b=<2>"]
        assert {link.get("rel") for link in links} == {"noreferrer noopener"}


def test_a_page_fetches_nothing(evil_page: str, data: Path) -> None:
    for text in (evil_page, report_page(read_facts(data))):
        head, body = text.split("</head>")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', head)
        assert policy is not None
        assert policy[1].startswith("default-src &#x27;none&#x27;;")
        assert "script" not in policy[1]
        bare = re.sub(r'<a href="[^"]*" rel="noreferrer noopener">|xmlns(:xlink)?="[^"]*"', "", head + body)
        assert "http" not in bare.replace("http-equiv", "")
        references = re.findall(r'(?:href|src|srcset|poster|action|data)="([^"]*)"|url\(([^)]*)\)|(@import)', bare)
        assert references
        assert {"".join(each)[0] for each in references} == {"#"}


def test_ids_are_there_once_and_references_lead_to_them(data: Path) -> None:
    page = report_page(read_facts(data))
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids)) > 0
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', page)) <= set(ids)


def test_colours_follow_the_page(data: Path) -> None:
    page = report_page(read_facts(data))
    style, body = page.split("</style>")
    used = set(re.findall(r"var\((--[a-z0-9]+)\)", body + style))
    light, dark = (set(re.findall(r"(--[a-z0-9]+):#", part)) for part in style.split("@media screen", 1)[:2])
    assert used <= light == dark
    # Black is what SVG paints where nothing is said: text has its colour said.
    assert not re.findall(r"#[0-9a-f]{6}", body)
    assert all("fill: var(" in tag for tag in re.findall(r"<text[^>]*>", body))


def test_the_same_release_and_period_give_the_same_bytes(data: Path, tmp_path: Path) -> None:
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-m", "flows.cli", "report", "--data", data, "-o", tmp_path / f"{seed}.html"],
            check=True,
            capture_output=True,
            cwd=PROJECT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
    assert (tmp_path / "1.html").read_bytes() == (tmp_path / "2.html").read_bytes()


def command(*arguments: str | Path) -> int:
    code = app(["report", *map(str, arguments)], result_action="return_value")
    assert isinstance(code, int)
    return code


def test_the_command_writes_a_page_and_says_of_what(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("--data", data) == options.OK
    assert capsys.readouterr().out == (
        "report.html: News report, 1 to 10 Jan 2024, the last seven days that have articles\n"
        "5 articles from 2 sources in 10 days; none in the 10 days before.\n"
    )
    assert command("--data", data, "--from", "2024-01-03", "--to", "2024-01-10", "-o", "other.html") == options.OK
    assert (tmp_path / "other.html").read_text(encoding="utf-8") == report_page(read_facts(data, J[3], J[10]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.html", "report.html"]


def test_the_command_tells_what_is_wrong(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--data", data, "--from", "2024-01-03", "--to", "2024-01-01", "-o", tmp_path / "x") == options.USAGE
    assert command("--data", tmp_path, "-o", tmp_path / "x") == options.FAILED
    assert command("--data", data, "-o", tmp_path) == options.FAILED
    assert command("--data", data, "-o", tmp_path / "no/x.html") == options.FAILED
    assert command("--data", data, "-o", tmp_path / "x", "--timeout", "1e-9") == options.STOPPED
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "dateline: the period ends on 2024-01-01, before it begins on 2024-01-03"
    assert told[1].startswith("dateline: no release in")
    assert told[3] == f"dateline: {tmp_path / 'no'}: no such folder to write x.html to"
    assert not list(tmp_path.iterdir())


def test_markdown_of_strangers_stays_text(facts: Facts) -> None:
    row = facts.movers[0] | {"name": "a|b [x](javascript:y) <b> `c` \x1b # \\ *d*"}
    text = report_markdown(
        Facts(**{**{name: getattr(facts, name) for name in facts.__slots__}, "movers": [row]}), "/r.html"
    )
    line = next(line for line in text.splitlines() if line.startswith("| a"))
    assert line == r"| a\|b \[x\]\(javascript\:y\) \<b\> \`c\`   \# \\ \*d\* | 2 | 1.5 |"
    assert text.endswith(r"The whole report: \/r\.html")


class TestReportOfARun:
    def test_is_written_beside_the_releases_when_it_is_asked_for(
        self, settings_for: Callable[..., Settings], articles: Path, loaded: Settings
    ) -> None:
        settings = loaded
        reports = settings.data / "reports"
        assert run_directly(settings, [articles]).report is None
        assert not reports.exists()
        # An unchanged run gives a release the report that it has not got.
        summary = run_directly(settings_for(report=True), [articles])
        assert (summary.record["status"], summary.report) == ("unchanged", str(reports / "000001.html"))
        page = (reports / "000001.html").read_text(encoding="utf-8")
        assert "4 articles from 1 source" in page
        assert "4 articles from 1 source" in summary.report_markdown
        assert (reports / "latest.html").read_text(encoding="utf-8") == page
        assert page == report_page(read_facts(settings.data))
        assert run_directly(settings_for(report=True), [articles]).report is None

    @pytest.mark.usefixtures("loaded")
    def test_goes_with_its_release(self, settings_for: Callable[..., Settings], articles: Path) -> None:
        run_directly(settings_for(report=True), [articles])
        (articles / "a.txt").unlink()
        settings = settings_for(report=True, keep_releases=1)
        run_directly(settings, [articles], mirror=True)
        (articles / "b.txt").unlink()
        summary = run_directly(settings, [articles], mirror=True)
        kept = {f"{release.path.name}.html" for release in DataFolder(settings.data).complete_releases()}
        assert {path.name for path in (settings.data / "reports").iterdir()} == kept | {"latest.html"}
        assert "000001.html" not in kept
        latest = (settings.data / "reports/latest.html").read_text(encoding="utf-8")
        assert latest == Path(summary.report or "").read_text(encoding="utf-8")

    @pytest.mark.usefixtures("loaded")
    def test_that_is_the_latest_follows_a_rollback_and_a_rebuild(
        self, settings_for: Callable[..., Settings], articles: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = settings_for(report=True)
        reports = settings.data / "reports"
        run_directly(settings, [articles])
        (articles / "a.txt").unlink()
        run_directly(settings, [articles], mirror=True)

        def latest() -> str:
            return (reports / "latest.html").read_text(encoding="utf-8")

        def call(*arguments: str) -> object:
            return app([*arguments, "--data", str(settings.data)], result_action="return_value")

        assert "3 articles from 1 source" in latest()
        assert call("rollback", "1") == options.OK
        assert "4 articles from 1 source" in latest()
        assert call("rebuild") == options.OK
        assert "Release 3," in latest()
        assert latest() == (reports / "000003.html").read_text(encoding="utf-8")
        monkeypatch.setattr(release_report, "report_page", None)
        assert call("rebuild") == options.TROUBLE
        assert "Release 3," in latest()

    def test_that_fails_is_told_and_the_release_stands(
        self, settings_for: Callable[..., Settings], articles: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_: Facts) -> str:
            raise ZeroDivisionError("no picture")

        monkeypatch.setattr(release_report, "report_page", fail)
        summary = run_directly(settings_for(report=True), [articles])
        assert (summary.record["status"], summary.release, summary.report) == ("published", 1, None)
        assert summary.troubles == ("no report on release 1: ZeroDivisionError: no picture",)
        assert DataFolder(settings_for().data).published_release().number == 1


def test_entities_of_the_small_warehouse_are_as_many_as_the_names() -> None:
    assert len(NAMES) == len(ENTITIES)
