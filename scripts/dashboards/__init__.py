"""Grafana's dashboards: what they show, as tables, and the JSON that Grafana reads."""
