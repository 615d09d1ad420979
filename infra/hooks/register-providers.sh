#!/bin/sh
# Usage: infra/hooks/register-providers.sh
#
# Registers Microsoft.App with the subscription, only where ENVIRONMENT_TYPE is prod: the functions' subnet there is
# delegated to it. What a template deploys is registered by the deployment itself, but what it only delegates to is not.
# Before `azd provision`. Needs `az login` as somebody who may register providers, such as a Contributor.
set -eu
cd "$(dirname "$0")/../.."
. infra/hooks/common.sh
help_if_asked "$0" "$@"

if [ "${ENVIRONMENT_TYPE:-}" != prod ]; then
    say 'Nothing to register: only for ENVIRONMENT_TYPE=prod.'
    exit 0
fi
need az
az provider register --namespace Microsoft.App --wait ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"}
say 'Microsoft.App is registered.'
