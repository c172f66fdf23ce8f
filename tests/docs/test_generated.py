"""What the code knows is in the pages as the code says it."""

import re
from pathlib import Path

import av
import pytest

from docs import api_words, previs_words
from docs.api_shapes import BODIES, OBJECTS, every_field
from docs.api_tables import routes
from docs.error_tables import FRAMEWORK, codes, literals
from docs.generate import PARTS, fresh, main, parts_of
from docs.pages import DOCS, ROOT, language_of, name, pages
from filmgate.config import read_settings
from filmgate.domain.errors import CannotStart
from filmgate.engines.previs import film
from filmgate.engines.previs.picture import caption
from filmgate.engines.previs.reading import script
from filmgate.engines.previs.scene import Order, Style
from filmgate.engines.previs.scenery import building
from filmgate.gateway import keys
from servers import Server

GENERATED = [*pages("en"), *pages("zh")]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
VARIABLE = re.compile(r"FILMGATE_[A-Z_]+")


@pytest.mark.parametrize("page", GENERATED, ids=name)
def test_a_page_is_fresh(page: Path) -> None:
    """`make docs` writes it."""
    assert page.read_text(encoding="utf-8") == fresh(page)


def test_the_script_finds_nothing_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_part_stands_in_a_page_once(language: str) -> None:
    found = [
        part for page in GENERATED if language_of(page) == language for part in parts_of(page)
    ]
    assert sorted(found) == sorted(PARTS)


def test_every_error_code_has_its_meaning() -> None:
    assert {code.code for code in codes()} == set(api_words.MEANINGS)


def test_no_error_code_escapes() -> None:
    """What the eye finds in the source, the parser finds too."""
    found = {code.code for code in codes()}
    assert literals() <= found
    source = (ROOT / "src/filmgate/dialects/openai/envelope.py").read_text()
    named = r'"(unknown_url|method_not_allowed|range_not_satisfiable)"'
    assert set(FRAMEWORK) == set(re.findall(named, source))


def test_every_endpoint_and_field_has_its_meaning() -> None:
    said = [endpoint for family in api_words.ENDPOINTS.values() for endpoint in family]
    assert sorted(said) == sorted(routes())
    for shapes, words in ((BODIES, api_words.BODIES), (OBJECTS, api_words.OBJECTS)):
        assert {shape.name for shape in shapes} == set(words)
        for shape in shapes:
            assert every_field(shape) == set(words[shape.name]), shape.name


def test_every_endpoint_of_a_server_stands_in_the_pages(server: Server) -> None:
    """Whatever is wired has a table; `routes` above is only what the tables are made of."""
    paths = server.call("GET", "/openapi.json").json()["paths"]
    served = {f"{method.upper()} {path}" for path, one in paths.items() for method in one}
    assert served == set(routes())


def test_every_style_has_its_words() -> None:
    assert set(previs_words.STYLES) == set(Style)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_variable_that_is_read_stands_in_the_settings(language: str) -> None:
    page = DOCS / language / "reference/settings.md"
    read = {variable for path in SOURCES for variable in VARIABLE.findall(path.read_text())}
    assert read == set(VARIABLE.findall(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("variable", "least", "most"),
    [
        ("FILMGATE_SEATS", 0, 1000),
        ("FILMGATE_PORT", 0, 65535),
        ("FILMGATE_LARGEST_BODY", 1, 100_000),
    ],
)
def test_settings_have_the_limits_that_their_page_names(
    variable: str, least: int, most: int
) -> None:
    for page in (DOCS / language / "reference/settings.md" for language in ("en", "zh")):
        line = (
            page.read_text(encoding="utf-8").partition(f"**`{variable}`**")[2].partition("*")[0]
        )
        assert [int(number) for number in re.findall(r"\d+", line)] == [least, most]
    for value in (least, most):
        read_settings({variable: str(value)})
    for value in (least - 1, most + 1):
        with pytest.raises(CannotStart):
            read_settings({variable: str(value)})


def test_keys_have_the_length_that_their_page_names() -> None:
    for language, to in (("en", "to"), ("zh", "到")):
        said = (DOCS / language / "how-to/manage-keys.md").read_text(encoding="utf-8")
        assert said.count(f"{keys.SHORTEST} {to} {keys.LONGEST} ") == 2


@pytest.mark.parametrize(
    ("side", "tagged", "captioned"),
    [(256, True, True), (244, False, True), (230, False, False)],
)
def test_small_films_have_no_tag_and_no_caption(
    side: int, tagged: bool, captioned: bool
) -> None:
    """The pages say so, and about where it begins."""
    (shot,) = script.read("rain", seconds=1, seed=0).shots
    stage = building.stage(shot, 2 * side, side, seed=0)

    assert bool(caption.tag(stage)) is tagged
    assert bool(caption.subtitle(stage, shot.text)) is captioned


def test_a_film_of_previs_is_what_its_page_says(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    order = Order(prompt="rain", width=64, height=64, seconds=1, seed=0, output=str(path))
    film.render(order, progress=lambda _: None)

    with av.open(path) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.codec_context.name, picture.codec_context.pix_fmt) == (
            "h264",
            "yuv420p",
        )
        assert picture.average_rate == 24
        assert sound.codec_context.name == "aac"
        assert (sound.rate, sound.channels) == (48_000, 2)
    for language in ("en", "zh"):
        said = (DOCS / language / "reference/engines/previs.md").read_text(encoding="utf-8")
        assert "H.264, 4:2:0, 24 fps" in said
        assert "AAC, 2 × 48,000 Hz" in said
