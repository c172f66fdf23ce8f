"""The cluster in `deploy/`, and the files that the pages show, are what filmgate takes."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from docs.pages import ROOT, Block, blocks, every_page, name, pages
from filmgate.config import Settings, documented, read_settings

COMPOSE: Any = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))
NODE: Any = COMPOSE["services"]["node"]
GIVEN = {"FILMGATE_STORAGE_URL": "s3://films", "FILMGATE_SECRET_KEY": "k" * 16}
PROXY = re.compile(r"(?:^|\s)((?:proxy|client)_\w+ [^$;]+);")


def settings_in(values: Mapping[str, Any]) -> dict[str, str]:
    """Those of *values* that are filmgate's, with what `.env` has in their place."""
    own = {k: str(v) for k, v in values.items() if k.startswith("FILMGATE_")}
    return {k: GIVEN.get(k, re.sub(r"\$\{.+?\}", "given", v)) for k, v in own.items()}


def environments() -> list[Block]:
    """Blocks of a page that are lines of `NAME=value`."""
    shown = [block for page in pages("en") for block in blocks(page)]
    return [b for b in shown if b.language == "ini" and not b.text.startswith("[")]


def test_the_nodes_of_the_cluster_are_set_up_for_it() -> None:
    settings = read_settings(settings_in(NODE["environment"]))
    assert settings.database_url
    assert settings.storage_url
    assert settings.secret_key
    assert settings.admin_key
    assert NODE["volumes"] == [str(settings.data)]
    assert f":{settings.port}/health" in NODE["healthcheck"]["test"][-1]


def test_a_node_of_the_cluster_is_left_the_time_that_it_may_take_to_stop() -> None:
    needed = Settings.submit_timeout + Settings.grace
    assert int(NODE["stop_grace_period"].removesuffix("s")) > needed
    for page in ("run-a-cluster", "run-as-a-service"):
        text = (ROOT / f"docs/en/how-to/{page}.md").read_text(encoding="utf-8")
        times = re.findall(r"(?:TimeoutStopSec=|Seconds` \| |period` \| )(\d+)", text)
        assert times
        assert all(int(time) > needed for time in times), page


def test_what_the_cluster_asks_for_is_on_its_page() -> None:
    text = (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text))
    asked |= {key for key, value in NODE["environment"].items() if value is None}
    page = ROOT / "docs/en/how-to/run-a-cluster.md"
    shown = [b for b in environments() if b.page == page and "POSTGRES_PASSWORD" in b.text]
    assert {line.partition("=")[0] for b in shown for line in b.text.split()} == asked


def test_the_load_balancers_pass_everything_on_in_the_same_way() -> None:
    ours = set(PROXY.findall(COMPOSE["configs"]["nginx"]["content"])) - {"proxy_pass"}
    page = ROOT / "docs/en/how-to/run-a-cluster.md"
    (shown,) = [block.text for block in blocks(page) if block.language == "nginx"]
    assert ours
    assert ours <= set(PROXY.findall(shown))


@pytest.mark.parametrize("block", environments(), ids=str)
def test_files_of_settings_can_be_read(block: Block) -> None:
    lines = [line.partition("=") for line in block.text.splitlines() if line]
    given = {key: value for key, _, value in lines if key.startswith("FILMGATE_")}
    read_settings(given)
    assert set(given) <= {variable for variable, _, _ in documented()}


@pytest.mark.parametrize("page", every_page(), ids=name)
def test_the_tests_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"tests/[\w/]+(?:\.py|/)", text)
    assert [path for path in named if not (ROOT / path).exists()] == []
