"""Both documents against one server, each for `--seconds`. `make fuzz` is this."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script

from films import tiny_film
from fuzz.fuzzing import NOBODY, bugs, contract, own
from servers import Server


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Send a server what its descriptions allow.")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    options = parser.parse_args(argv)
    seconds, seed = options.seconds, options.seed
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        tiny_film(film)
        with Server(Path(folder) / "data", film=film, settings=dict(NOBODY)) as server:
            found = [
                own(server, limit=f"--max-time={seconds // 2}", seed=seed),
                contract(server, limit=f"--max-time={seconds}", seed=seed),
            ]
            broken = bugs(server)
    sys.stdout.write("".join(one.said for one in found) + "\n".join(broken))
    sys.stdout.write(f"\nSeed: {seed}\n")
    return 1 if broken or any(one.failed for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
