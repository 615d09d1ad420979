#!/bin/sh
# Usage: infra/hooks/migrate.sh
#
# Brings the database of a deployment up to date, as whoever is signed in to `az`: the migration identity (pipelines), or
# the administrator whom DATABASE_ADMIN_NAME names (a deployment of your own). Anybody else is told who has to.
# After `azd provision`, and before new code is deployed. Reads what azd knows of the deployment (POSTGRES_HOST,
# POSTGRES_DATABASE, API_IDENTITY_PRINCIPAL_ID, SYSTEM_IDENTITY_PRINCIPAL_ID), and:
#
#   MIGRATION_USER        who migrates, by the name that the server knows (default: DATABASE_ADMIN_NAME)
#   MIGRATION_ADDRESS     the IPv4 address from which you come: the server's firewall lets it in for as long as this runs.
#                         For a server with a public address; needs AZURE_SUBSCRIPTION_ID and AZURE_RESOURCE_GROUP
set -eu
cd "$(dirname "$0")/../.."
. infra/hooks/common.sh
help_if_asked "$0" "$@"

user=${MIGRATION_USER:-${DATABASE_ADMIN_NAME:-}}
host=${POSTGRES_HOST:?is not set: the host name of the server}
if [ -z "$user" ]; then
    say "Nobody migrates here: ${MIGRATION_IDENTITY_NAME:-the migration identity} owns the schema, and you are not it."
    say 'Run the workflow Infrastructure, or follow "Migrate" in docs/runbook.md. The functions do not start before.'
    exit 0
fi

if [ -n "${MIGRATION_ADDRESS:-}" ]; then
    need az
    server=/subscriptions/${AZURE_SUBSCRIPTION_ID:?is not set}/resourceGroups/${AZURE_RESOURCE_GROUP:?is not set}
    server=$server/providers/Microsoft.DBforPostgreSQL/flexibleServers/${host%%.*}
    rule="$server/firewallRules/migration-$$?api-version=2025-08-01"
    close() {
        az rest --method delete --url "$rule" --output none || say "Left open: remove the rule migration-$$ of ${host%%.*}."
    }
    trap close EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    az rest --method put --url "$rule" --output none --body \
        "{\"properties\": {\"startIpAddress\": \"$MIGRATION_ADDRESS\", \"endIpAddress\": \"$MIGRATION_ADDRESS\"}}"
    tries=${FIREWALL_TRIES:-30}
    until az rest --method get --url "$rule" --output none 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail 'The firewall of the server does not open.'
        sleep "${FIREWALL_PAUSE:-5}"
    done
fi

# Only what is named here: the identity of the functions is none of a migration's business.
unset AZURE_CLIENT_ID MIGRATION_DATABASE_URL AzureWebJobsStorage
MIGRATION_USER=$user \
    APP_PRINCIPAL_ID=${API_IDENTITY_PRINCIPAL_ID:?is not set} \
    SYSTEM_PRINCIPAL_ID=${SYSTEM_IDENTITY_PRINCIPAL_ID:?is not set} \
    "${MIGRATE:-./scripts/migrate}"
say "The database $host is up to date."
