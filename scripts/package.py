"""The zip that a Flex Consumption app runs; see ./scripts/package."""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
IGNORED: Final = ".funcignore"
REQUIREMENTS: Final = "requirements.txt"
PACKAGES: Final = PurePosixPath(".python_packages/lib/site-packages")  # where Azure's Python worker looks
PLATFORM: Final = "x86_64-manylinux_2_28"  # runs on every glibc since 2.28
VERSION: Final = "3.13"
HOME: Final = "/home/site/wwwroot"  # where Azure mounts the package, which tracebacks name
# What packages bring and nothing imports: their own tests, programs for a terminal, and sources in C.
_UNUSED: Final = ("*/tests", "bin", "*.pyx", "*.c", "*.cpp", "*.h")
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)  # of time, as zip files tell it
_LARGEST: Final = 10


class PackagingFailed(RuntimeError):
    """A zip cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Package:
    """What was made. Sizes are in bytes; `parts` are the largest ones, by what they take when unpacked."""

    path: str
    sha256: str
    size: int
    unpacked: int
    files: int
    parts: dict[str, int]


def make(output: Path, *, cache: Path) -> Package:
    """Write the zip. `cache` keeps installed and compiled packages for the next time. Raises `PackagingFailed`."""
    if sys.version_info[:2] != tuple(map(int, VERSION.split("."))):
        raise PackagingFailed(f"Bytecode is made for Python {VERSION}, and by nothing else.")
    installed = _installed(cache)
    with tempfile.TemporaryDirectory(prefix="srecopilot-package-") as folder:
        app = Path(folder)
        for name in app_files():
            target = app / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
        _compile(app, HOME)
        content = {path.relative_to(app).as_posix(): path for path in _files(app)}
        content |= {str(PACKAGES / path.relative_to(installed).as_posix()): path for path in _files(installed)}
        _zip(output, content)
        return _described(output, content)


def app_files() -> list[str]:
    """The files that git knows, but for those that .funcignore names. Raises `PackagingFailed`."""
    law = f"--exclude-from={IGNORED}"
    if strays := _listed("--others", "--exclude-standard", law) + _listed("--deleted"):
        raise PackagingFailed(f"git add, rm or ignore first: {', '.join(strays)}")
    left_out = set(_listed("--cached", "--ignored", law))
    return [name for name in _listed("--cached") if name not in left_out]


def _listed(*options: str) -> list[str]:
    words = ["git", "ls-files", "-z", *options]
    try:
        found = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PackagingFailed("git does not tell which files belong to the project.") from error
    return [name for name in found.stdout.split("\0") if name]


def _installed(cache: Path) -> Path:
    """The folder of all packages of the lock, compiled; made once for each lock."""
    key = hashlib.sha256()
    for part in ((ROOT / REQUIREMENTS).read_text(), sys.version, PLATFORM, *_UNUSED):
        key.update(part.encode())
    folder = cache / key.hexdigest()[:16]
    if folder.exists():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=cache))
    try:
        _install(draft)
        for pattern in _UNUSED:
            for path in draft.rglob(pattern) if "/" not in pattern and "." in pattern else draft.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        _compile(draft, f"{HOME}/{PACKAGES}")
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _install(folder: Path) -> None:
    words: list[str | Path] = [
        _uv(), "pip", "install", "--quiet", "--target", folder, "--python", sys.executable,
        "--python-version", VERSION, "--python-platform", PLATFORM, "--only-binary", ":all:", "--link-mode", "copy",
        "--no-deps", "--require-hashes", "--requirements", REQUIREMENTS,
    ]  # fmt: skip
    ended = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    if ended.returncode:
        raise PackagingFailed(f"The packages could not be installed:\n{ended.stderr}")
    (folder / ".lock").unlink(missing_ok=True)


def _uv() -> str | Path:
    return os.environ.get("UV") or shutil.which("uv") or ROOT / ".devstack/uv/bin/uv"


def _compile(folder: Path, home: str) -> None:
    """Write bytecode that is taken without a look at its source, whose time of change no mount keeps."""
    words: list[str | Path] = [
        sys.executable, "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash",
        "-s", folder, "-p", home, folder,
    ]  # fmt: skip
    # A fixed seed, because the order of a set's members is part of what is written.
    ended = subprocess.run(words, check=False, capture_output=True, text=True, env={"PYTHONHASHSEED": "0"})
    if ended.returncode:
        raise PackagingFailed(f"Not everything compiles:\n{ended.stdout}{ended.stderr}")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _zip(output: Path, content: dict[str, Path]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    draft = output.with_name(f"{output.name}.new")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whose permissions follow
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content[name].read_bytes())
    draft.replace(output)


def _described(output: Path, content: dict[str, Path]) -> Package:
    sizes = Counter[str]()
    for name, path in content.items():
        sizes[_part(name)] += path.stat().st_size
    return Package(
        path=str(output),
        sha256=hashlib.sha256(output.read_bytes()).hexdigest(),
        size=output.stat().st_size,
        unpacked=sizes.total(),
        files=len(content),
        parts=dict(sizes.most_common(_LARGEST)),
    )


def _part(name: str) -> str:
    """A package, or what stands at the top of the app."""
    return PurePosixPath(name.removeprefix(f"{PACKAGES}/")).parts[0]


def _lines(made: Package) -> Iterable[str]:
    yield f"{made.path}: {made.size / 1e6:.1f} MB, unpacked {made.unpacked / 1e6:.1f} MB in {made.files:,} files"
    yield f"sha256 {made.sha256}"
    for part, size in made.parts.items():
        yield f"  {size / 1e6:6.1f} MB  {part}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./scripts/package", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist/sre-copilot.zip", help="(default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args(arguments)
    try:
        made = make(given.output, cache=ROOT / ".devstack/package")
    except PackagingFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(json.dumps(asdict(made), indent=1) if given.json else "\n".join(_lines(made)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
