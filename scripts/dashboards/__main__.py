"""Writes the dashboards of infra/monitoring/grafana/."""

from scripts.dashboards.grafana import FOLDER, text_of
from scripts.dashboards.pages import PAGES


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / f"{name}.json").write_text(text_of(page))
        print(f"infra/monitoring/grafana/{name}.json")


if __name__ == "__main__":
    main()
