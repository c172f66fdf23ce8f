"""What the pages of the dialects say and nobody runs: other languages, and every refusal."""

import json
import re
from textwrap import dedent

import pytest

from docs.pages import DOCS, Block, blocks
from servers import KEY, Server

SWITCH = DOCS / "en/how-to/switch-from-openai.md"
#: How each language writes the body, and what it sends as its type.
LITERALS = {
    "go": (re.compile(r"`(\{.*?)`", re.DOTALL), "application/json"),
    "java": (re.compile(r'"""\n(.*?)"""', re.DOTALL), "application/json"),
    "csharp": (re.compile(r'"""\n(.*?)\n\s*"""', re.DOTALL), "application/json; charset=utf-8"),
}
REFUSAL = re.compile(
    r"^\| `(?P<model>sora_\w+(?:-\w+)*)`(?: with | 加 )?(?:`(?P<field>[^`]+)`)? "
    r"\| `(?P<message>参数 [^`]+)` \| `(?P<param>\w+)` \|$",
    re.MULTILINE,
)


def block(language: str) -> Block:
    return next(one for one in blocks(SWITCH) if one.language == language)


@pytest.mark.parametrize("language", sorted(LITERALS))
def test_what_a_program_in_another_language_sends_makes_a_film(
    server: Server, language: str
) -> None:
    program = block(language).text
    literal, kind = LITERALS[language]
    found = literal.search(program)
    assert found is not None
    for said in ("/videos", "Bearer", "OPENAI_API_KEY", "OPENAI_BASE_URL", "application/json"):
        assert said in program
    answer = server.call(
        "POST",
        "/v1/videos",
        dedent(found[1]).encode(),
        headers={"content-type": kind},
    )

    made = answer.json()
    assert (answer.status, made["size"], made["seconds"]) == (200, "1280x720", "8")
    assert server.call("DELETE", f"/v1/videos/{made['id']}").status == 200


@pytest.mark.parametrize("language", ["en", "zh"])
def test_fakeoais_own_refusals_are_those_that_its_page_lists(
    server: Server, language: str
) -> None:
    page = DOCS / language / "reference/dialects/fakeoai.md"
    rows = list(REFUSAL.finditer(page.read_text(encoding="utf-8")))

    assert len(rows) == 8
    for row in rows:
        more = json.loads(f"{{{row['field']}}}") if row["field"] else {}
        kind = "images/generations" if row["model"].startswith("sora_image") else "videos"
        body = {"model": row["model"], "prompt": "a kite", **more}
        answer = server.call("POST", f"/sora/v1/{kind}", body, key=KEY)
        error = answer.json()["error"]
        said = (answer.status, error["code"], error["message"], error["param"])
        assert said == (400, "invalid_value", row["message"], row["param"]), row[0]
