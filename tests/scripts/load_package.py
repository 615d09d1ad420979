"""Run as a program: load an unpacked package as Azure does, by Microsoft's worker library. Prints JSON.

    python -I -S load_package.py APP WORKER

Nothing is on the path but Python's own library, the app with its packages, and last the folder WORKER.
"""

import importlib
import json
import sys
from importlib.machinery import SourceFileLoader
from typing import Any

app, worker = sys.argv[1:]
sys.path[:0] = [f"{app}/.python_packages/lib/site-packages", app]
sys.path.append(worker)

compiled: list[str] = []
compile_source = SourceFileLoader.source_to_code


def noted(loader: SourceFileLoader, data: Any, path: Any, **options: Any) -> Any:
    compiled.append(str(path))
    return compile_source(loader, data, path, **options)


SourceFileLoader.source_to_code = noted  # type: ignore[method-assign,assignment]  # there is no hook for it

from azure_functions_runtime.loader import index_function_app  # noqa: E402 - from the path that was set just now

functions = sorted(function.get_function_name() for function in index_function_app(f"{app}/function_app.py"))
importlib.import_module("functions").declarations()
for module in json.load(sys.stdin):
    importlib.import_module(module)
loaded = [module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)]
known = (app, worker, sys.base_prefix, __file__)
sys.stdout.write(
    json.dumps(
        {
            "functions": functions,
            "compiled": [path for path in compiled if path.startswith(app)],
            "from elsewhere": [path for path in loaded if path and not path.startswith(known)],
        }
    )
)
