"""Finds, and where it may installs, what tests need from the machine: browsers, PostgreSQL, Redis.

`python -m tests.machine browser` prints the path of a Chromium or Chrome.
`python -m tests.machine engines` prints the paths of all browsers whose engines are tested.
`python -m tests.machine redis` prints the path of a Redis server.
`python -m tests.machine all` prints all of these and where PostgreSQL's programs are.
`python -m tests.machine with-postgres -- COMMAND ...` runs COMMAND with DATABASE_URL set to a private,
throw-away PostgreSQL cluster, and removes the cluster afterwards. Works as root too.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

BROWSER_NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome")
BROWSER_PATHS = ("/usr/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
WEBKIT_PATHS = ("/usr/lib/*/webkit2gtk-4.*/MiniBrowser", "/usr/libexec/webkit2gtk-4.*/MiniBrowser")
POSTGRES_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


class Missing(Exception):
    """Something that tests need is not here and can't be installed from here; the text says what to do."""


def find_browser() -> str:
    """Path of a Chromium or Chrome: $CHROMIUM, an installed one, Playwright's own, else the system's package."""
    if found := _installed_browser():
        return found
    _install_package("chromium")
    if found := _installed_browser():
        return found
    raise Missing("No Chromium or Chrome found. Install one (Debian: apt install chromium) or set CHROMIUM=/its/path.")


def _installed_browser() -> str | None:
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    on_path = (shutil.which(name) for name in BROWSER_NAMES)
    elsewhere = (path for path in BROWSER_PATHS if Path(path).exists())
    return next((path for path in on_path if path), None) or next(elsewhere, None) or _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


@dataclass(frozen=True)
class WebKitPrograms:
    driver: str
    xvfb: str
    browser: Path


@dataclass(frozen=True)
class ChromiumPrograms:
    driver: str
    browser: str


def find_chromium() -> ChromiumPrograms:
    """A Chromium with the driver of its version: installed ones, else the system's packages."""
    if found := _installed_driver():
        return found
    _install_package("chromium", "chromium-driver")
    if found := _installed_driver():
        return found
    raise Missing("No chromedriver found. Install it (Debian: apt install chromium-driver), of your browser's version.")


def _installed_driver() -> ChromiumPrograms | None:
    driver, browser = shutil.which("chromedriver"), shutil.which("chromium") or os.environ.get("CHROMIUM")
    return ChromiumPrograms(driver, browser) if driver and browser else None


def find_firefox() -> str:
    """Path of a Firefox: $FIREFOX, an installed one, else the system's package."""
    if found := _installed_firefox():
        return found
    _install_package("firefox-esr")
    if found := _installed_firefox():
        return found
    raise Missing("No Firefox found. Install one (Debian: apt install firefox-esr) or set FIREFOX=/its/path.")


def _installed_firefox() -> str | None:
    return os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")


def find_webkit() -> WebKitPrograms:
    """WebKitGTK's small browser, its driver, and a screen for it: installed ones, else the system's packages."""
    if found := _installed_webkit():
        return found
    _install_package("webkit2gtk-driver", "xvfb")
    if found := _installed_webkit():
        return found
    raise Missing("No WebKitGTK found. Install it (Debian: apt install webkit2gtk-driver xvfb); no screen is needed.")


def _installed_webkit() -> WebKitPrograms | None:
    driver, xvfb = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    browsers = [path for pattern in WEBKIT_PATHS for path in sorted(Path("/").glob(pattern.lstrip("/")))]
    return WebKitPrograms(driver, xvfb, browsers[-1]) if driver and xvfb and browsers else None


def find_postgres() -> Path:
    """The folder with initdb and postgres; a folder whose initdb runs, newest version first."""
    if found := _installed_postgres():
        return found
    _install_package("postgresql")
    if found := _installed_postgres():
        return found
    raise Missing("No PostgreSQL programs found. Install the server (Debian: apt install postgresql); none need run.")


def _installed_postgres() -> Path | None:
    folders = [
        folder for pattern in POSTGRES_FOLDERS for folder in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
    ]
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def find_redis() -> str:
    """Path of a redis-server: an installed one, else the system's package."""
    if found := shutil.which("redis-server"):
        return found
    _install_package("redis-server")
    if found := shutil.which("redis-server"):
        return found
    raise Missing("No Redis found. Install the server (Debian: apt install redis-server); none needs to run.")


class Redis:
    """A throw-away Redis on loopback that keeps nothing. It may be stopped, with any signal, and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self._program = find_redis()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        command = [self._program, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder]
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        _wait_until_open(self._port, self._process, self._folder / "log", "Redis")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self._process:
            self._process.send_signal(number)
            self._process.wait(timeout=30)
            self._process = None


@contextlib.contextmanager
def private_redis() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="itpm-redis-") as folder:
        redis = Redis(Path(folder))
        try:
            redis.start()
            yield redis
        finally:
            redis.stop()


def _install_package(*names: str) -> None:
    """Install Debian packages when this user may; otherwise leave it to the message of the caller."""
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or apt is None:
        return
    print(f"Installing the system package {', '.join(names)} ...", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *names]):
        subprocess.run([apt, *arguments], check=False, stdout=sys.stderr, env=environment, stdin=subprocess.DEVNULL)


class Postgres:
    """A throw-away cluster on loopback with a random password. It may be stopped and started again.

    `is_durable`: commits reach the disk, as in production; for measuring, and where it is to crash.
    """

    def __init__(self, folder: Path, *, is_durable: bool = False) -> None:
        self._programs, self._folder, self._port = find_postgres(), folder, free_port()
        # PostgreSQL refuses to run as root: then a system user without rights runs it.
        self._user = next((u for u in ("postgres", "nobody") if _exists(u)), None) if os.geteuid() == 0 else None
        self._server: subprocess.Popen[bytes] | None = None
        self._settings = {"port": self._port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder,
                          "max_connections": 200}  # fmt: skip
        if not is_durable:
            self._settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        password = secrets.token_urlsafe(24)
        self.url = f"postgres://itpm:{password}@127.0.0.1:{self._port}/postgres"
        self._make(password)

    def _make(self, password: str) -> None:
        (self._folder / "password").write_text(password)
        if self._user:
            for path in (self._folder, self._folder / "password"):
                shutil.chown(path, self._user)
        options = ["--auth=scram-sha-256", f"--pwfile={self._folder}/password", "--encoding=UTF8", "--no-sync"]
        subprocess.run(
            [self._programs / "initdb", "-D", self._folder / "data", "--username=itpm", "--locale=C", *options],
            check=True, user=self._user, stdout=subprocess.DEVNULL, cwd=self._folder,
        )  # fmt: skip

    def start(self) -> None:
        told = (f"-c{key}={value}" for key, value in self._settings.items())
        with (self._folder / "log").open("a") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", *told],
                user=self._user, stdout=log, stderr=log, cwd=self._folder,
            )  # fmt: skip
        _wait_until_open(self._port, self._server, self._folder / "log", "PostgreSQL")
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        """After a crash it opens its port before it takes anybody in."""
        import psycopg

        for _ in range(300):
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url):
                return
            time.sleep(0.1)
        raise Missing("PostgreSQL took nobody in within 30 seconds.")

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: in order, at once. SIGQUIT: as if it crashed."""
        if self._server:
            self._server.send_signal(number)
            self._server.wait(timeout=30)
            self._server = None


@contextlib.contextmanager
def private_postgres(*, is_durable: bool = False) -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="itpm-pg-"))
    try:
        postgres = Postgres(folder, is_durable=is_durable)
        try:
            postgres.start()
            yield postgres
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _wait_until_open(port: int, server: subprocess.Popen[bytes], log: Path, name: str) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise Missing(f"{name} did not start: {log.read_text()[-800:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise Missing(f"{name} did not open its port within 30 seconds.")


def main(arguments: list[str]) -> int:
    match arguments:
        case ["browser"]:
            print(find_browser())
            return 0
        case ["engines"]:
            print(find_chromium().browser, find_firefox(), find_webkit().browser)
            return 0
        case ["redis"]:
            print(find_redis())
            return 0
        case ["all"]:
            print(find_browser(), find_chromium().driver, find_firefox(), find_webkit().browser, find_redis())
            print(find_postgres())
            return 0
        case ["with-postgres", "--", *command] if command:
            # Who is told to stop stops the cluster, too.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
            with private_postgres() as postgres:
                environment = {**os.environ, "DATABASE_URL": postgres.url}
                return subprocess.run(command, check=False, env=environment).returncode
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Missing as missing:
        sys.exit(f"tests.machine: {missing}")
