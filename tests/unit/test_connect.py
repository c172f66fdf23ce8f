"""What `filmgate connect` says that a film will cost."""

from __future__ import annotations

from typing import Any

import pytest

from filmgate.cli.connect import price

MODEL: dict[str, Any] = {
    "media": "video",
    "sizes": ["1280x720", "720x1280", "1920x1080"],
    "default_size": "1280x720",
    "seconds": ["2", "5", "10"],
    "price_usd": 0.1,
    "prices_usd": {"1920x1080": 0.3},
}
UNKNOWN = "What it costs is not known here: the engine's own pages say."


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "5 s of 720x1280 cost about $0.50."),
        ({"prices_usd": {"720x1280": 0.2}}, "5 s of 720x1280 cost about $1.00."),
        (
            {"sizes": ["1920x1080"], "default_size": "1920x1080"},
            "5 s of 1920x1080 cost about $1.5",
        ),
        ({"seconds": ["2 to 15"]}, "4 s of 720x1280 cost about $0.40."),
        ({"media": "image", "seconds": []}, "A still of 720x1280 costs about $0.10."),
        ({"price_usd": 0, "prices_usd": {}}, UNKNOWN),
        (
            {"price_usd": 0, "prices_usd": {"720x1280": 0.2}},
            "5 s of 720x1280 cost about $1.00.",
        ),
        ({"prices_usd": {"720x1280": 0}}, UNKNOWN),
    ],
)
def test_the_price_is_that_of_the_size_that_is_usual(fields: dict[str, Any], says: str) -> None:
    assert price(MODEL | fields).startswith(says)
