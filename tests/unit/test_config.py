from datetime import timedelta
from pathlib import Path

import pytest

from filmgate.config import Settings, connection, documented, read_settings
from filmgate.domain.errors import CannotStart


def test_nothing_set_means_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"FILMGATE_PORT": ""}).port == 8000


def test_every_setting_can_be_set() -> None:
    settings = read_settings(
        {
            "FILMGATE_DATA": "films",
            "FILMGATE_HOST": "0.0.0.0",
            "FILMGATE_PORT": "0",
            "FILMGATE_ADMIN_KEY": "a-secret-key",
            "FILMGATE_MODELS": "sora-2=x/y, wan = x/z",
            "FILMGATE_SEATS": "3",
            "FILMGATE_KEEP_FILMS": "0.5",
            "FILMGATE_GRACE": "2.5",
            "FILMGATE_LARGEST_BODY": "8",
        }
    )
    assert settings.data == Path("films")
    assert settings.models == {"sora-2": "x/y", "wan": "x/z"}
    assert settings.keep_films == timedelta(hours=12)
    assert (settings.port, settings.seats, settings.grace) == (0, 3, 2.5)
    assert "a-secret-key" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("FILMGATE_PORT", "eighty"),
        ("FILMGATE_PORT", "65536"),
        ("FILMGATE_SEATS", "-1"),
        ("FILMGATE_MODELS", "sora-2"),
        ("FILMGATE_MODELS", "sora-2=previs"),
        ("FILMGATE_KEEP_FILMS", "long"),
        ("FILMGATE_KEEP_FILMS", "inf"),
        ("FILMGATE_KEEP_FILMS", "-1"),
        ("FILMGATE_GRACE", "nan"),
    ],
)
def test_a_bad_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(CannotStart, match=f"{variable}='{value}'"):
        read_settings({variable: value})


def test_a_bad_secret_is_named_but_not_shown() -> None:
    described = [variable for variable, _, _ in documented()]
    assert len(described) == len(set(described)) == len(Settings.__dataclass_fields__)


def test_an_intake_needs_a_key_and_an_engine() -> None:
    whole = {
        "FILMGATE_INTAKE_PORT": "5103",
        "FILMGATE_INTAKE_KEY": "the-key-of-the-intake",
        "FILMGATE_INTAKE_ENGINE": "fal",
    }
    settings = read_settings(whole)
    assert (settings.intake_port, settings.intake_engine) == (5103, "fal")
    assert "the-key-of-the-intake" not in repr(settings)
    for name in ("FILMGATE_INTAKE_KEY", "FILMGATE_INTAKE_ENGINE"):
        with pytest.raises(CannotStart, match=f"FILMGATE_INTAKE_PORT needs a {name}"):
            read_settings(whole | {name: ""})
    assert read_settings(whole | {"FILMGATE_INTAKE_PORT": ""}).intake_port is None
    with pytest.raises(CannotStart, match="FILMGATE_INTAKE_KEY cannot be read: it must have"):
        read_settings(whole | {"FILMGATE_INTAKE_KEY": "short"})


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:81/a/b", "https://p.example/", "https://[::1]:8443"]
)
def test_a_proxy_for_downloads_is_an_address(url: str) -> None:
    settings = read_settings({"FILMGATE_DOWNLOAD_PROXY": url})
    assert settings.download_proxy == url.rstrip("/")
    assert settings.download_proxy_mode == "prefix"
    assert url.rstrip("/") not in repr(settings)
    with pytest.raises(CannotStart, match="FILMGATE_DOWNLOAD_PROXY_MODE='both' cannot be read"):
        read_settings({"FILMGATE_DOWNLOAD_PROXY_MODE": "both"})


@pytest.mark.parametrize(
    "url",
    [
        *("hush", "hush.example", "socks5://hush", "https://", "https:///hush"),
        *("https://hush:1@p.example", "https://hush p.example", "https://hush\n.example"),
        *("https://p.example:0/hush", "https://p.example:99999/hush", "https://[hush"),
        *("https://p.example/?hush=", "https://p.example#hush", "https://p.example/h\tush"),
    ],
)
def test_what_is_none_is_named_and_not_shown(url: str) -> None:
    with pytest.raises(CannotStart, match=r"^FILMGATE_DOWNLOAD_PROXY cannot be read") as caught:
        read_settings({"FILMGATE_DOWNLOAD_PROXY": url})
    assert "hush" not in str(caught.value)


def test_a_server_needs_an_address_and_a_key() -> None:
    assert connection({}) is None
    assert connection({"FILMGATE_URL": "http://x", "FILMGATE_API_KEY": "k"}) == (
        "http://x",
        "k",
    )
    with pytest.raises(CannotStart, match="FILMGATE_API_KEY"):
        connection({"FILMGATE_URL": "http://x"})


def test_an_option_is_read_like_its_variable() -> None:
    assert read_settings({"FILMGATE_PORT": "1"}, {"port": "2"}).port == 2
    with pytest.raises(CannotStart, match="99999"):
        read_settings({}, {"port": "99999"})
