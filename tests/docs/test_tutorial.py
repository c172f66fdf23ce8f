"""Whoever follows a page gets what it says: its code is run against a real server."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import previs_words, runner
from docs.api_tables import routes
from docs.pages import DOCS, ROOT, RUN, SHOWN, blocks, every_page, language_of, name, pages
from docs.recorder import AGENTS, Seen, recording
from servers import KEY, Server

WITH_CODE = runner.with_code()
needs_a_shell = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl"
)
MISSING = re.compile(
    r"^\| `(?P<method>[A-Z]+) (?P<path>[^`]+)` \| (?P<status>\d+) `(?P<code>\w+)` \|$",
    re.MULTILINE,
)


WITHOUT_NODE = "`make .venv-node/.done` installs Node's packages"

#: What is not asked with an SDK, but by browsers or the operator; what others' SDKs ask, which
#: have tests of their own; and what is always refused.
NOT_SHOWN = re.compile(
    r"\w+ /(admin/|health|openapi\.json|docs|films/|v1/messages|v1beta/)|DELETE /v1/models/"
)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as it comes, but that it posts to this machine."""
    settings = {"FILMGATE_PRIVATE_ADDRESSES": "allow"}
    with Server(tmp_path_factory.mktemp("docs"), settings=settings) as running:
        yield running


@pytest.fixture(scope="module")
def recorded(own_server: Server) -> Iterator[tuple[str, Seen]]:
    """Where the pages' code finds it, and what was asked there."""
    with recording(own_server.url) as found:
        yield found


@pytest.fixture(scope="module")
def ran_pages() -> set[Path]:
    """The pages whose code has worked so far."""
    return set()


@needs_a_shell
@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_the_code_of_a_page_works(
    page: Path, recorded: tuple[str, Seen], ran_pages: set[Path], tmp_path: Path
) -> None:
    if runner.saves_for_node(page) and not runner.node():
        pytest.skip(WITHOUT_NODE)
    url, _ = recorded
    ran = runner.run(runner.runnable(page), url, tmp_path)

    assert ran.failed == ""
    for block, shown in runner.promised(page):
        if block not in runner.runnable(page):
            continue
        printed = ran.printed[block.line]
        assert runner.same(shown.text, printed, shown.language), f"{shown}: {printed}"
    for film in tmp_path.rglob("*.mp4"):
        assert film.read_bytes()[4:8] == b"ftyp"
    ran_pages.add(page)
    if runner.needs_node(page) and not runner.node():
        pytest.skip(WITHOUT_NODE)  # the rest has passed


@needs_a_shell
@pytest.mark.parametrize("language", sorted(AGENTS))
def test_every_endpoint_has_an_example(
    language: str, recorded: tuple[str, Seen], ran_pages: set[Path]
) -> None:
    """After the pages: what their code has asked for successfully."""
    if language == "js" and not runner.node():
        pytest.skip(WITHOUT_NODE)
    if missing := set(WITH_CODE) - ran_pages:
        pytest.skip(f"not run: {', '.join(sorted(name(page) for page in missing))}")
    asked = {
        f"{method} {path.removeprefix('/sora')}"
        for said, method, path in recorded[1]
        if said == language
    }

    def has_example(route: str) -> bool:
        pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", route.replace(".", r"\.")))
        return any(pattern.fullmatch(one) for one in asked)

    shown = [route for route in routes() if not NOT_SHOWN.match(route)]
    assert [route for route in shown if not has_example(route)] == []


@needs_a_shell
def test_the_program_in_the_readme_works(server: Server, tmp_path: Path) -> None:
    programs = [b for b in blocks(ROOT / "README.md") if b.language == "python"]

    assert runner.run(programs, server.url, tmp_path).failed == ""
    assert (tmp_path / "film.mp4").read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize("page", every_page(), ids=name)
def test_every_block_is_run_or_says_why_not(page: Path) -> None:
    for block in blocks(page):
        assert block.language in RUN | SHOWN, f"{block}: {block.language!r} is never run"
        assert block.not_run is None or block.language in RUN, f"{block} is not run anyway"


@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_what_a_block_prints_stands_after_it(page: Path) -> None:
    promised = runner.promised(page)
    run = {block.line for block in runner.code(page)}

    assert len(promised) == runner.marks(page)
    assert {before.line for before, _ in promised} <= run


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_not_there_answers_as_the_page_says(own_server: Server, language: str) -> None:
    page = DOCS / language / "how-to/switch-from-openai.md"
    rows = list(MISSING.finditer(page.read_text(encoding="utf-8")))

    assert len(rows) >= 5
    for row in rows:
        body = {"prompt": "a kite"} if row["method"] == "POST" else None
        path = re.sub(r"\{\w+\}", "some_id", row["path"])
        answer = own_server.call(row["method"], path, body, key=KEY)
        said = (answer.status, answer.json()["error"]["code"])
        assert said == (int(row["status"]), row["code"]), row[0]


def test_the_storyboard_that_is_read_is_the_one_that_is_shown() -> None:
    mark = "<!-- example: storyboard -->"
    found = {}
    for page in (*pages("en"), *pages("zh")):
        lines = page.read_text(encoding="utf-8").splitlines()
        for block in blocks(page):
            if lines[block.line - 2] == mark:
                found[language_of(page)] = block.text

    assert found == previs_words.STORYBOARD
