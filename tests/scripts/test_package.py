"""What Azure gets is whole, compiled, and nothing besides."""

import ast
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from functions import declarations
from functions.queues import Consumer
from scripts import package
from scripts.package import PACKAGES, ROOT, Package, PackagingFailed
from tests.shared.platform.offline import NOWHERE

pytestmark = pytest.mark.xdist_group("package")

UNCHECKED_HASH: Final = 0b01  # in the flags of a .pyc file (PEP 552)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return package.make(tmp_path_factory.mktemp("package") / "app.zip", cache=ROOT / ".devstack/package")


@pytest.fixture(scope="module")
def archive(made: Package) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(made.path) as opened:
        yield opened


@pytest.fixture(scope="module")
def unpacked(archive: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    archive.extractall(folder)
    return folder


def own(archive: zipfile.ZipFile) -> set[str]:
    return {name for name in archive.namelist() if not name.startswith(f"{PACKAGES}/")}


def test_it_holds_the_app_and_nothing_else(archive: zipfile.ZipFile) -> None:
    sources = {name for name in own(archive) if "__pycache__" not in name}
    expected = {"function_app.py", "host.json", "requirements.txt"}
    for folder in ("functions", "shared"):
        expected |= {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*.py")}
    assert sources == expected | {"shared/access/common_passwords.txt"}


def test_of_the_packages_it_holds_those_of_the_lock(archive: zipfile.ZipFile) -> None:
    top = {name.removeprefix(f"{PACKAGES}/").split("/")[0] for name in archive.namelist() if str(PACKAGES) in name}
    for name, version in re.findall(r"^(\S+)==(\S+) \\$", (ROOT / "requirements.txt").read_text(), re.MULTILINE):
        folder = f"{name.replace('-', '_')}-{version}.dist-info"
        assert folder in {part.lower() for part in top}, name
    assert not {"pytest", "azure_functions_runtime", "mypy", "pip"} & top


def test_every_module_brings_bytecode_that_is_taken_as_it_is(archive: zipfile.ZipFile) -> None:
    sources = [name for name in archive.namelist() if name.endswith(".py")]
    bytecode = {name for name in archive.namelist() if name.endswith(".pyc")}
    for source in sources:
        folder, _, name = source.rpartition("/")
        cached = f"{folder}/__pycache__/{name.removesuffix('.py')}.cpython-313.pyc".removeprefix("/")
        assert cached in bytecode
        with archive.open(cached) as file:
            assert int.from_bytes(file.read(8)[4:], "little") == UNCHECKED_HASH, cached


def third_party() -> set[str]:
    """Modules that the app imports anywhere, also those that it loads only when they are needed."""
    first = {"functions", "shared", "function_app"} | set(sys.stdlib_module_names)
    found: set[str] = set()
    for path in [ROOT / "function_app.py", *(ROOT / "functions").rglob("*.py"), *(ROOT / "shared").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] not in first}


def test_azures_worker_finds_every_function_in_it(unpacked: Path, tmp_path: Path) -> None:
    """With its own packages alone, and nothing left to compile."""
    for name in ("azure_functions_runtime", "azurefunctions"):
        found = find_spec(name)
        assert found is not None
        assert found.submodule_search_locations is not None
        shutil.copytree(next(iter(found.submodule_search_locations)), tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", ROOT / "tests/scripts/load_package.py", unpacked, tmp_path],
        env=NOWHERE,
        input=json.dumps(sorted(third_party())),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    buries = {f"bury_{one.queue.value}" for one in declarations() if isinstance(one, Consumer)}
    assert json.loads(done.stdout) == {
        "functions": sorted({one.name for one in declarations()} | buries),
        "compiled": [],
        "from elsewhere": [],
    }


def test_it_tells_how_large_it_is(made: Package) -> None:
    assert made.size == Path(made.path).stat().st_size
    assert made.size < 80e6
    assert max(made.parts.values()) < made.unpacked
    assert {"openai", "sqlalchemy"} <= made.parts.keys()


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in ("first", "second"):
        shutil.copytree(ROOT / "shared", tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        package._compile(tmp_path / name, package.HOME)
        content = {str(path.relative_to(tmp_path / name)): path for path in package._files(tmp_path / name)}
        output = tmp_path / f"{name}.zip"
        package._zip(output, content)
        digests.add(package._described(output, content).sha256)
    assert len(digests) == 1


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project in git, with a law of its own."""
    monkeypatch.setattr(package, "ROOT", tmp_path)
    files = {".funcignore": ".funcignore\n*.md\ntests/\n", "app.py": "", "a.md": "", "tests/t.py": "", "in/app.py": ""}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, timeout=60)
    return tmp_path


def test_funcignore_says_what_stays_behind(project: Path) -> None:
    assert package.app_files() == ["app.py", "in/app.py"]
    (project / "b.md").write_text("of no concern: it would not be packed anyway")
    assert package.app_files() == ["app.py", "in/app.py"]


def test_what_git_does_not_know_is_never_left_out_or_packed_in_silence(project: Path) -> None:
    (project / "new.py").write_text("")
    with pytest.raises(PackagingFailed, match=r"git add, rm or ignore first: new\.py"):
        package.app_files()
    (project / "new.py").unlink()
    (project / "app.py").unlink()
    with pytest.raises(PackagingFailed, match=r"first: app\.py"):
        package.app_files()
