"""The proxies of accounts: kept like secrets, and shown without what is secret of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from filmgate.domain.errors import AccountRejected, InvalidRequest
from unit.account_office import Office, opened

PROXY = "socks5h://someone:hush@proxy.lan:1080"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as office:
        yield office


async def test_a_proxy_is_kept_like_a_secret_and_shown_without_its_user(
    office: Office, tmp_path: Path
) -> None:
    account_id = await office.add(proxy=PROXY)
    (shown,) = await office.accounts.list()
    found = await office.accounts.get(account_id)
    assert found.proxy == PROXY
    assert (shown.proxy, shown.account.proxy) == ("socks5h://proxy.lan:1080", None)
    assert "hush" not in repr(found) + repr(shown)

    shown = await office.accounts.change(account_id, {"proxy": "none"})
    assert shown.proxy == (await office.accounts.get(account_id)).proxy == "none"
    shown = await office.accounts.change(account_id, {"proxy": None})
    assert shown.proxy is (await office.accounts.get(account_id)).proxy is None
    await office.accounts.change(account_id, {"proxy": PROXY})
    await office.database.close()
    assert b"proxy.lan" not in b"".join(p.read_bytes() for p in tmp_path.glob("test.db*"))


async def test_a_proxy_may_lie_elsewhere_and_must_be_one(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.elsewhere["env:PROXY"] = "hush-hush"
    with pytest.raises(InvalidRequest, match="'proxy' must begin with") as refused:
        await office.add(proxy="env:PROXY")
    assert refused.value.param == "proxy"
    with pytest.raises(InvalidRequest, match="'proxy' cannot be read: env:GONE is not there"):
        await office.add(proxy="env:GONE")

    office.elsewhere["env:PROXY"] = PROXY
    account_id = await office.add(proxy="env:PROXY")
    assert (await office.accounts.list())[0].proxy == "env:PROXY"
    assert (await office.accounts.get(account_id)).proxy == PROXY

    office.elsewhere["env:PROXY"] = "socks5://hush@"
    office.clock.move(timedelta(seconds=2))
    with pytest.raises(AccountRejected, match="The proxy of the account 'a' cannot be read"):
        await office.accounts.get(account_id)
    assert await office.candidates() == []
    assert "The proxy of the account 'a'" in caplog.text
    assert "hush" not in caplog.text
