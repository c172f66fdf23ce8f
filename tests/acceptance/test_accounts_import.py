"""`filmgate accounts import`, as somebody at a terminal runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from acceptance.test_accounts_cli import ENGINE, SECRET, Run, row, runner
from servers import KEY, Server

HEADER = "engine,label,secret,base_url,seats,proxy,when_down\n"


@pytest.fixture(params=["over HTTP", "in the folder"])
def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    if request.param == "in the folder":
        return runner(tmp_path)
    server: Server = request.getfixturevalue("server")
    return runner(tmp_path, FILMGATE_URL=server.url, FILMGATE_API_KEY=KEY)


def line(accounts: Run, label: str) -> list[str]:
    """What the list says of the account of that *label*; empty if it has none."""
    rows = [line.split("  ") for line in accounts("list").stdout.splitlines()]
    return next((row for row in rows if row[-1] == label), [])


def test_a_table_is_imported_and_imported_again(accounts: Run, tmp_path: Path) -> None:
    one, two = f"{tmp_path.name} one", f"{tmp_path.name} two"
    (tmp_path / "many.csv").write_text(
        f"{HEADER}{ENGINE},{one},{SECRET},http://127.0.0.1:9/v1,4,socks5://p.lan:1080,wait\n\n"
        f'{ENGINE} ,"{two}",,,\n',
        encoding="utf-8-sig",
    )
    done = accounts("import", "many.csv")
    assert (done.stdout, done.stderr) == ("2 added, 0 changed\n", "")
    made = line(accounts, one)
    assert made[1:] == [
        *(ENGINE, "active", "4 seats", "secret", "waits when down", "http://127.0.0.1:9/v1"),
        *("through socks5://p.lan:1080", one),
    ]
    assert line(accounts, two)[1:] == [ENGINE, "active", "3 seats", "no secret", two]

    (tmp_path / "more.csv").write_text(f"label,engine,seats\n{one},{ENGINE},7\n")
    assert accounts("import", "more.csv").stdout == "0 added, 1 changed\n"
    assert line(accounts, one) == [*made[:3], "7 seats", *made[4:]]
    for label in (one, two):
        accounts("remove", line(accounts, label)[0])


def test_a_cell_may_hold_several_words(accounts: Run, tmp_path: Path) -> None:
    label = tmp_path.name
    table = (
        "engine,label,groups,models,limits,plan,machine,machine_seats,disabled,expires_at\n"
        f"{ENGINE},{label},pro east,sora-2; sora-2-pro,1280x720=20;1920x1080=8,pro,gpu1,1,"
        "true,2036-12-31\n"
    )
    done = accounts("import", "-", given=table)
    assert done.stdout == "1 added, 0 changed\n", done.stderr
    made = line(accounts, label)
    assert made[1:] == [
        *(ENGINE, "disabled", "3 seats", "no secret", "plan pro", "groups pro,east"),
        *("on gpu1", "until 2036-12-31", label),
    ]
    refused = accounts("import", "-", given=f"engine,label,limits\n{ENGINE},{label},1280x720\n")
    assert "Row 1, limits.1280x720: Invalid value: ''." in refused.stderr
    accounts("remove", made[0])


def test_a_list_comes_through_a_pipe(accounts: Run, tmp_path: Path) -> None:
    label = f"{tmp_path.name} 工作室"
    rows = [{"engine": ENGINE, "label": label, "secret": SECRET, "seats": 2}]
    done = accounts("import", "-", given=json.dumps(rows))
    assert done.stdout == "1 added, 0 changed\n", done.stderr
    rows = [{"engine": ENGINE, "label": label, "secret": None}]
    done = accounts("import", "-", given=json.dumps(rows, ensure_ascii=False))
    assert done.stdout == "0 added, 1 changed\n", done.stderr
    made = line(accounts, label)
    assert made[1:5] == [ENGINE, "active", "2 seats", "no secret"]
    accounts("remove", made[0])
    assert row(accounts, made[0]) == ""


def test_one_bad_row_keeps_all_of_them_out(accounts: Run, tmp_path: Path) -> None:
    label = tmp_path.name
    given = (
        f"{HEADER}{ENGINE},{label},{SECRET},,,,\n{ENGINE},b,{SECRET},,none,,\n"
        f"oven,c,,,,,\n{ENGINE},{label},,,,http://me:hush@x/?y,\n"
    )
    failed = accounts("import", "-", given=given)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "Nothing is imported." in failed.stderr
    assert "Row 2, seats: " in failed.stderr
    assert "Row 3, engine: No engine 'oven'" in failed.stderr
    assert "Row 4, proxy: " in failed.stderr
    for unwanted in ("Traceback", SECRET, "hush"):
        assert unwanted not in failed.stderr
    assert line(accounts, label) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "The first line of - must name its columns: engine, label"),
        (f"{ENGINE},main,{SECRET}\n", "must name its columns"),
        (f"engine,{SECRET}\n", "Column 2 of - has no name of its own"),
        ("engine,label,label\n", "Column 3 of - has no name of its own"),
        (f"engine,label\n{ENGINE},a,{SECRET}\n", "Row 1 of - has more cells"),
        (f'engine,label\n{ENGINE},"{SECRET}', "no CSV that can be read"),
        (HEADER, "holds no accounts"),
        ("[]", "holds no accounts"),
        (f'{{"engine": "{SECRET}"}}', "must hold a list"),
        (f'[{{"secret": "{SECRET}",\n]', "it breaks in line 2"),
        ("[" * 200_000, "no JSON that can be read"),
        ('["a"]', "Row 1, as a whole: An account is an object"),
        (f'[{{"engine": "{ENGINE}", "seat": 1}}]', "Row 1, seat: Unknown parameter"),
    ],
    ids=lambda value: value[:20],
)
def test_files_that_cannot_be_read_are_told(tmp_path: Path, given: str, words: str) -> None:
    failed = runner(tmp_path)("import", "-", given=given)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert words in failed.stderr
    assert SECRET not in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    run = runner(tmp_path)
    assert "none.csv cannot be read: No such file" in run("import", "none.csv").stderr
    (tmp_path / "film.mp4").write_bytes(b"\xff\xd8")
    assert "film.mp4 is not UTF-8 text." in run("import", "film.mp4").stderr
