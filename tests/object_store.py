"""A real S3 server for tests: OpenStack Swift with its S3 door, from `.venv-s3`."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.store import S3Store

from ports import free_ports

PYTHON = Path(__file__).parents[1] / ".venv-s3" / "bin" / "python"
KEY_ID, SECRET = "test:tester", "testing"
BUCKET = "films"

#: One that ends with whoever started it, however that ends.
RUN = """
import ctypes, importlib, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
sys.exit(importlib.import_module(sys.argv.pop(1)).main())
"""
RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *ports = sys.argv[1:]
for kind, port in zip(("account", "container", "object"), ports):
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port),
                     "device": "disk", "weight": 1})
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{kind}.ring.gz")
"""
MODULES = {
    "account": "swift.account.server",
    "container": "swift.container.server",
    "object": "swift.obj.server",
    "proxy": "swift.proxy.server",
}
ALL = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
fallocate_reserve = 0
log_level = ERROR
"""
STORING = """
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
PROXY = """
[pipeline:main]
pipeline = catch_errors listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


@dataclass
class ObjectStore:
    """
    One bucket on a free loopback port, kept in *folder*. Used as a context manager.

    *folder* lies where files may have extended attributes.
    """

    folder: Path
    _ports: dict[str, int] = field(default_factory=dict)
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> ObjectStore:
        self._set_up()
        self.start()
        self._make_bucket()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """What `FILMGATE_STORAGE_URL` says of it."""
        return f"s3://{BUCKET}"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._ports['proxy']}"

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs beside the URL."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._running]

    def start(self) -> None:
        """Start it, or start it again; it answers on return."""
        log = self.folder / "swift.log"
        with log.open("ab") as file:
            self._running = [
                subprocess.Popen(
                    [PYTHON, "-c", RUN, module, str(self.folder / f"{kind}.conf")],
                    stdout=file,
                    stderr=file,
                )
                for kind, module in MODULES.items()
            ]
        for kind, port in self._ports.items():
            if not _answers(port, within=30):
                message = f"no {kind} server: {log.read_text()[-2000:]}"
                raise AssertionError(message)

    def stop(self) -> None:
        """Away, at once; what is stored stays."""
        for process in self._running:
            process.kill()
        for process in self._running:
            process.wait(10)
        self._running = []

    def pause(self) -> None:
        """It takes connections, and answers nothing."""
        for process in self._running:
            process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        for process in self._running:
            process.send_signal(signal.SIGCONT)

    def keys(self) -> list[str]:
        """What lies in the bucket."""
        listed = obstore.list(self._bucket())
        return sorted(item["path"] for page in listed for item in page)

    def _set_up(self) -> None:
        (self.folder / "devices" / "disk").mkdir(parents=True)
        os.setxattr(self.folder, "user.filmgate", b"")  # Swift keeps its metadata so
        self._ports = dict(zip(MODULES, free_ports(len(MODULES)), strict=True))
        storing = [str(port) for kind, port in self._ports.items() if kind != "proxy"]
        subprocess.run([PYTHON, "-c", RINGS, str(self.folder), *storing], check=True)
        (self.folder / "swift.conf").write_text(
            "[swift-hash]\nswift_hash_path_prefix = film\nswift_hash_path_suffix = gate\n"
        )
        user = pwd.getpwuid(os.getuid()).pw_name
        for kind, port in self._ports.items():
            text = (ALL + (PROXY if kind == "proxy" else STORING)).format(
                kind=kind, port=port, user=user, folder=self.folder
            )
            (self.folder / f"{kind}.conf").write_text(text)

    def _bucket(self) -> S3Store:
        return S3Store(
            BUCKET,
            endpoint=self.endpoint,
            access_key_id=KEY_ID,
            secret_access_key=SECRET,
            region="us-east-1",
            client_options={"allow_http": True},
        )

    def _make_bucket(self) -> None:
        link = obstore.sign(self._bucket(), "PUT", "", timedelta(minutes=1))
        request = urllib.request.Request(link, method="PUT")
        with urllib.request.urlopen(request, timeout=30):
            pass


def _answers(port: int, *, within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return True
    return False
