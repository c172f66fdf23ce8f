"""`filmgate accounts`, as somebody at a terminal runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from acceptance.serving import served
from servers import KEY, Server
from terminal import Done, filmgate
from upstreams.videos import KEY as UPSTREAM_KEY
from upstreams.videos import Upstream

SECRET = "sk-the-operators-own-secret"
ENGINE = "openai_videos"
Run = Callable[..., Done]


def runner(folder: Path, **settings: str) -> Run:
    """Runs `filmgate accounts` with *settings* in the environment."""
    env = {"FILMGATE_DATA": str(folder / "data"), **settings}
    return partial(filmgate, "accounts", folder=folder, env=env)


@pytest.fixture(params=["over HTTP", "in the folder"])
def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    if request.param == "in the folder":
        return runner(tmp_path)
    server: Server = request.getfixturevalue("server")
    return runner(tmp_path, FILMGATE_URL=server.url, FILMGATE_API_KEY=KEY)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    found = Upstream(keys=(UPSTREAM_KEY,), seconds=0.1)
    with served(found):
        yield found


def row(accounts: Run, account_id: str) -> str:
    """The account's line in the list; empty if it has none."""
    lines = accounts("list").stdout.splitlines()
    return next((line for line in lines if line.startswith(account_id)), "")


def test_an_account_is_added_listed_changed_and_removed(accounts: Run, tmp_path: Path) -> None:
    options = ("--label", tmp_path.name, "--url", "http://127.0.0.1:9/v1", "--seats", "8")
    made = accounts("add", ENGINE, *options, "--secret-stdin", given=f"{SECRET}\n")
    assert made.returncode == 0, made.stderr
    account_id = made.stdout.split()[0]
    assert made.stdout == f"{account_id} at {ENGINE}\n"
    assert row(accounts, account_id).split("  ")[1:] == [
        ENGINE,
        "active",
        "8 seats",
        "secret",
        "http://127.0.0.1:9/v1",
        tmp_path.name,
    ]
    assert SECRET not in accounts("list").stdout

    (tmp_path / "key.txt").write_text(SECRET)
    where = f"file:{tmp_path / 'key.txt'}"
    changed = accounts("change", account_id, "--secret", where, "--when-down", "wait")
    assert changed.stdout == f"{account_id} is changed\n", changed.stderr
    assert f"8 seats  {where}  waits when down  http" in row(accounts, account_id)

    (tmp_path / "proxy.txt").write_text("http://someone:hush@proxy.lan:3128\n")
    for proxy, words in (
        ("socks5://proxy.lan:1080", "through socks5://proxy.lan:1080"),
        (f"file:{tmp_path / 'proxy.txt'}", f"through file:{tmp_path / 'proxy.txt'}"),
        ("none", "no proxy"),
    ):
        changed = accounts("change", account_id, "--proxy", proxy)
        assert changed.returncode == 0, changed.stderr
        assert f"  {words}  {tmp_path.name}" in row(accounts, account_id)

    removed = accounts("remove", account_id)
    assert removed.stdout == f"{account_id} gets no new work\n", removed.stderr
    assert row(accounts, account_id) == ""


def test_all_about_an_account_is_told_on_a_line(accounts: Run, tmp_path: Path) -> None:
    label = tmp_path.name
    said = (
        "--still-seats 2 --plan pro --group east --group pro --model sora-2 --limit 1280x720=20"
        " --per-day 40 --per-month 900 --priority 5 --weight 2 --machine gpu1"
        " --machine-seats 1 --expires-at 2036-12-31"
    )
    made = accounts("add", ENGINE, "--label", label, *said.split())
    assert made.returncode == 0, made.stderr
    account_id = made.stdout.split()[0]
    assert row(accounts, account_id).split("  ")[1:] == [
        *(
            ENGINE,
            "active",
            "3 seats, 2 for stills",
            "no secret",
            "plan pro",
            "groups east,pro",
        ),
        *("on gpu1", "priority 5", "until 2036-12-31", label),
    ]

    said = "--plan none --group none --per-day none --machine none --expires-at 2001-12-31"
    changed = accounts("change", account_id, *said.split())
    assert changed.returncode == 0, changed.stderr
    assert "  expired  3 seats" in row(accounts, account_id)
    for action, state in (("disable", "disabled"), ("enable", "expired")):
        changed = accounts(action, account_id)
        assert changed.stdout == f"{account_id} is {state}\n", changed.stderr
    assert accounts("remove", account_id).returncode == 0


def test_accounts_are_checked(accounts: Run, tmp_path: Path, upstream: Upstream) -> None:
    ids = []
    for label, key in (("good", UPSTREAM_KEY), ("bad", "sk-of-nobody"), ("off", "sk-off")):
        options = ("--label", f"{tmp_path.name} {label}", "--url", upstream.url)
        made = accounts("add", ENGINE, *options, "--secret-stdin", given=key)
        assert made.returncode == 0, made.stderr
        ids.append(made.stdout.split()[0])
    good, bad, off = ids
    accounts("disable", off)

    fine = accounts("check", good)
    assert (fine.returncode, fine.stdout) == (0, f"{good}  active: it may use 2 models\n")
    refused = accounts("check", bad)
    line = f"{bad}  rejected: account_rejected: 127.0.0.1 answered 401"
    assert (refused.returncode, refused.stdout.startswith(line)) == (1, True), refused.stdout
    assert "  rejected since 20" in row(accounts, bad)
    both = accounts("check")
    assert both.returncode == 1
    assert f"{good}  active: it may use 2 models\n" in both.stdout
    assert line in both.stdout
    assert off not in both.stdout
    # A new secret ends it.
    accounts("change", bad, "--secret-stdin", given=UPSTREAM_KEY)
    assert "  active  " in row(accounts, bad)
    unknown = accounts("check", "account_none")
    assert (unknown.returncode, "There is no account" in unknown.stderr) == (1, True)
    for account_id in ids:
        accounts("remove", account_id)
    assert upstream.ledger.creates == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", ENGINE, "--secret", SECRET), "--secret-stdin, or say where it is"),
        (("add", ENGINE, "--secret", "env:NOT_SET_ANYWHERE"), "NOT_SET_ANYWHERE is not set"),
        (("add", ENGINE, "--url", "http://me:hush@x/"), "Give the secret as 'secret'"),
        (("add", ENGINE, "--proxy", "http://me:hush@x:1"), "--proxy env:NAME or --proxy file"),
        (("add", ENGINE, "--proxy", "socks4://x:1"), "'proxy' must begin with http://"),
        (("add", ENGINE, "--seats", "0"), "from 1 to 1000"),
        (("add", ENGINE, "--when-down", "hope"), "'fail', and 'wait'"),
        (("add", ENGINE, "--secret-stdin"), "'secret' must be 1 to"),
        (("add", ENGINE, "--limit", "1280x720"), "It is a number of seconds, like 20"),
        (("add", ENGINE, "--limit", "720p=20"), "A limit is of a size like 1280x720"),
        (("add", ENGINE, "--per-day", "few"), "'per_day' is a whole number from 1"),
        (("add", ENGINE, "--machine-seats", "2"), "Say which machine it is"),
        (("add", ENGINE, "--expires-at", "soon"), "a time like 2026-12-31 or"),
        (("add", ENGINE, "--group", "a b"), "'groups' is a word"),
        (("add", "oven"), "No engine 'oven' is installed"),
        (("add", "previs"), "FILMGATE_SEATS"),
        (("change", "account_none", "--seats", "2"), "There is no account 'account_none'."),
        (("change", "account_none"), "There is nothing to change"),
        (("disable", "account_none"), "There is no account 'account_none'."),
        (("remove", "account_none"), "There is no account 'account_none'."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_problems_are_told_in_a_sentence(
    accounts: Run, arguments: tuple[str, ...], words: str
) -> None:
    failed = accounts(*arguments)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert words in failed.stderr
    for unwanted in ("Traceback", SECRET, "hush"):
        assert unwanted not in failed.stderr


def test_a_folder_and_a_server_cannot_both_be_meant(tmp_path: Path) -> None:
    run = runner(tmp_path, FILMGATE_URL="http://127.0.0.1:9", FILMGATE_API_KEY=KEY)
    assert "Which installation is meant?" in run("--data", "x", "list").stderr


def test_another_key_than_the_first_is_refused(tmp_path: Path) -> None:
    assert runner(tmp_path)("list").returncode == 0
    other = runner(tmp_path, FILMGATE_SECRET_KEY="another-key-than-the-first")
    failed = other("list")
    assert failed.returncode == 1
    assert "another key than that of FILMGATE_SECRET_KEY" in failed.stderr
    (tmp_path / "data" / "secret.key").write_text("another-key-than-the-first")
    failed = runner(tmp_path)("list")
    assert f"that of {tmp_path / 'data' / 'secret.key'}" in failed.stderr
