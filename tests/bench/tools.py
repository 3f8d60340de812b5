"""The three tools that are compared, each made ready on an empty database: environments to start them in."""

import json
import os
import subprocess
import sys
from pathlib import Path

from itpm_byte.engine.supervisor import FEW_POOLS
from tests.bench.platform import CLIENT_ID, Platform
from tests.checks.words import ROOT


def floor_environment(database_url: str, lms: Platform) -> dict[str, str]:
    environment = {
        **FEW_POOLS,
        "BENCH_DATABASE_URL": database_url,
        "BENCH_JWK": json.dumps(lms.jwk),
        "BENCH_CLIENT_ID": CLIENT_ID,
    }
    _run(environment, "-c", "from tests.bench import floor; floor.prepare()")
    return environment


def plain_environment(database_url: str, lms: Platform, *, is_tuned: bool) -> dict[str, str]:
    environment = {**FEW_POOLS, "BENCH_DATABASE_URL": database_url, "BENCH_TUNED": str(int(is_tuned))}
    prepare = "import sys; from tests.bench import plain; plain.prepare(*sys.argv[1:])"
    _run(environment, "-c", prepare, lms.issuer, CLIENT_ID, *lms.pem_pair())
    return environment


def byte_environment(database_url: str, lms: Platform, port: int, *, root: Path = ROOT) -> dict[str, str]:
    """`root`: of the version that makes the tables."""
    environment = {
        **FEW_POOLS,
        "ITPM_ENVIRONMENT": "development",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": database_url,
        "LOG_LEVEL": "WARNING",
    }
    for arguments in (
        ["migrate", "--verbosity", "0"],
        ["load_byte", "fixtures/bytes/it-project-manager"],
        ["rotate_key", "--now"],
        ["register_platform", "--name", "Bench", "--issuer", lms.issuer, "--client-id", CLIENT_ID,
         "--deployment-id", "1", "--auth-url", f"{lms.issuer}/auth", "--token-url", f"{lms.services}/token",
         "--jwks-url", f"{lms.issuer}/jwks"],
    ):  # fmt: skip
        _run(environment, "manage.py", *arguments, root=root)
    return environment


def _run(environment: dict[str, str], *arguments: str, root: Path = ROOT) -> None:
    subprocess.run(
        [sys.executable, *arguments],
        check=True, env={**os.environ, **environment}, cwd=root, stdout=subprocess.DEVNULL,
    )  # fmt: skip
