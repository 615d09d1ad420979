#!/bin/sh
# Usage: infra/hooks/budget-start.sh
#
# Prints BUDGET_START_DATE=YYYY-MM-DD, the first day of the budget that a deployment has, and nothing where there is none
# yet: that day cannot be changed, so later deployments have to name the same one. azd keeps it by itself. Reads
# AZURE_ENV_NAME, or else AZURE_RESOURCE_GROUP where the group has another name. Needs `az login`.
set -eu
cd "$(dirname "$0")/../.."
. infra/hooks/common.sh
help_if_asked "$0" "$@"
need az

group=${AZURE_RESOURCE_GROUP:-rg-${AZURE_ENV_NAME:?is not set: the name of the environment}}
[ "$(az group exists --name "$group")" = true ] || exit 0
subscription=$(az account show --query id --output tsv)
first=$(az rest --method get --output tsv --query "value[?starts_with(name, 'budget-')].properties.timePeriod.startDate | [0]" \
    --url "/subscriptions/$subscription/resourceGroups/$group/providers/Microsoft.Consumption/budgets?api-version=2024-08-01")
[ -z "$first" ] || say "BUDGET_START_DATE=${first%%T*}"
