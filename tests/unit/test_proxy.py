"""How a proxy is named, and what is never said of it."""

import pytest

from filmgate.domain.proxy import read_proxy


@pytest.mark.parametrize(
    ("url", "shown", "whole"),
    [
        ("http://p.example", "http://p.example:80", "http://p.example:80"),
        ("https://p.example/", "https://p.example:443", "https://p.example:443"),
        ("SOCKS5://P.example", "socks5://p.example:1080", "socks5://p.example:1080"),
        ("socks5h://[::1]:9", "socks5h://[::1]:9", "socks5h://[::1]:9"),
        ("http://a:b@10.0.0.1:3128", "http://10.0.0.1:3128", "http://a:b@10.0.0.1:3128"),
        ("http://key:@p.example:1", "http://p.example:1", "http://key:@p.example:1"),
        ("socks5://a:%40%3a@p:1", "socks5://p:1", "socks5://a:%40%3A@p:1"),
    ],
)
def test_a_proxy_is_shown_without_its_user(url: str, shown: str, whole: str) -> None:
    proxy = read_proxy(url)
    assert (proxy.shown, proxy.url) == (shown, whole)
    assert proxy.socks == shown.startswith("socks5")
    for secret in filter(None, (proxy.user, proxy.password)):
        assert f"{secret!r}" not in repr(proxy)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "must begin with http://, https://, socks5:// or socks5h:// and a host"),
        ("proxy.example:1080", "must begin with"),
        ("socks4://hush@p.example", "must begin with"),
        ("socks5://", "must begin with"),
        ("http://p.example:0", "must begin with"),
        ("http://%68ush<p>", "must begin with"),
        ("http://p.example:99999", "is no URL that can be read"),
        ("http://[hush", "is no URL that can be read"),
        ("http://p.example/hush", "has a path"),
        ("http://p.example?hush", "a query"),
        ("http://p.example#hush", "a fragment"),
        ("http://a:hush b@p.example", "a space"),
        ("http://a:hush\n@p.example", "a control character"),
        ("http://a:hush密@p.example", "not ASCII. Write those"),
        ("http://a:hush%E5@p.example", "that are not ASCII"),
        (f"http://a:{'hush' * 64}@p.example", "more than 255 characters"),
        ("http://hush%3Ahush:b@p.example", "a colon"),
        ("socks5://hush@p.example", "a user without a password"),
        ("http://:hush@p.example", "a password without a user"),
    ],
)
def test_what_is_no_proxy_is_told_without_showing_it(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_proxy(url)
    assert why in str(caught.value)
    assert "hush" not in f"{caught.value}"
