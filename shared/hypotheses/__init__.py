"""Why an incident happened: evidence, candidate causes, explained scores."""
