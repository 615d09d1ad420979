"""What `./scripts/start --demo` adds: a workload that can fail, and what watches it."""
