#!/bin/sh
# Usage: infra/hooks/seed-demo.sh
#
# Makes a demo tenant in a deployment, with one incident to look at, and prints how to sign in: only where ENVIRONMENT_TYPE
# is dev and SEED_DEMO is true (azd env set SEED_DEMO true). After `azd deploy`. Reads SERVICE_API_URI and AZURE_ENV_NAME.
set -eu
cd "$(dirname "$0")/../.."
. infra/hooks/common.sh
help_if_asked "$0" "$@"

if [ "${ENVIRONMENT_TYPE:-}" != dev ] || [ "${SEED_DEMO:-}" != true ]; then
    say 'No demo tenant: only for ENVIRONMENT_TYPE=dev and SEED_DEMO=true.'
    exit 0
fi
[ -x .venv/bin/python ] || fail 'There is no environment yet: ./scripts/check makes it.'
exec .venv/bin/python -m scripts.devstack.demo.deployed \
    "${SERVICE_API_URI:?is not set: where the API is}" --state ".devstack/demo/${AZURE_ENV_NAME:?is not set}"
