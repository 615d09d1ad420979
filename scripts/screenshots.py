"""Photograph every page of the app, in both colour schemes, on a desk and on a phone."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.devstack.chromium import ARGUMENTS, ChromiumMissing, find_chromium
from scripts.devstack.state import DEFAULT_STATE, read_json
from scripts.scene import Scene, set_scene

PATIENCE: Final = 60_000  # milliseconds
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
SIZES: Final = {"desk": (1360, 860), "phone": (390, 844)}
SIGNED_OUT: Final = {"sign-in": "/sign-in", "register": "/register", "forgot-password": "/forgot-password"}
LOADING: Final = "[role=status][aria-label=Loading]"


def pages_of(scene: Scene) -> Mapping[str, str]:
    """Return the addresses of all pages behind the sign-in by name."""
    return {
        "board": "/",
        "incident": f"/incidents/{scene.investigated}",
        "incident-learned": f"/incidents/{scene.learned}",
        "services": "/services",
        "service-map": "/services/map",
        "maintenance": "/maintenance",
        "integrations": "/integrations",
        **{f"analytics-{tab}": f"/analytics?tab={tab}" for tab in ("incidents", "ai", "accuracy")},
        **{f"audit-{tab}": f"/audit?tab={tab}" for tab in ("entries", "stats", "verify")},
        **{
            f"settings-{tab}": f"/settings?tab={tab}"
            for tab in ("project", "people", "keys", "channels", "organisation")
        },
        "account": "/account",
    }


def photograph(browser: Browser, demo: Mapping[str, Any], scene: Scene, to: Path, only: str) -> Iterator[Path]:
    """Yield each picture as it is written."""
    for scheme, (size, (width, height)) in product(SCHEMES, SIZES.items()):
        context = browser.new_context(
            base_url=demo["app"], color_scheme=scheme, viewport={"width": width, "height": height}
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        for pages, enter in ((SIGNED_OUT, None), (pages_of(scene), sign_in)):
            if enter is not None:
                enter(page, demo)
            for name, address in pages.items():
                if only in name:
                    yield _picture(page, address, to / f"{name}-{scheme}-{size}.png")
        context.close()


def sign_in(page: Page, demo: Mapping[str, Any]) -> None:
    """Sign in by the page as the demo tenant's person."""
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(demo["email"])
    page.get_by_label("Password", exact=True).fill(demo["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")  # the board, where one comes to


def _picture(page: Page, address: str, path: Path) -> Path:
    page.goto(address)
    page.wait_for_load_state("load")
    page.locator("h1").first.wait_for()
    page.locator(LOADING).first.wait_for(state="hidden")
    page.wait_for_timeout(400)  # what fades in has done so
    page.screenshot(path=path)
    return path


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./scripts/screenshots", description=__doc__)
    parser.add_argument("--state", type=Path, default=DEFAULT_STATE)
    parser.add_argument("--to", type=Path, default=DEFAULT_STATE / "screenshots")
    parser.add_argument("--only", default="")
    given = parser.parse_args(arguments)
    demo = read_json(given.state / "demo.json")
    if not demo:
        print("There is no running stack: see --help.", file=sys.stderr)
        return 1
    try:
        chromium = find_chromium(DEFAULT_STATE / "chromium")
    except ChromiumMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    given.to.mkdir(parents=True, exist_ok=True)
    scene = set_scene(demo)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.program, args=list(ARGUMENTS), env=dict(chromium.environment)
        )
        for path in photograph(browser, demo, scene, given.to, given.only):
            print(path)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
