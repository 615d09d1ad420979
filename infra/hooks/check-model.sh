#!/bin/sh
# Usage: infra/hooks/check-model.sh
#
# Asks Azure whether the language model can be deployed where it is wanted: offered in the region, in that SKU, and not
# retired. Models retire about a year after they appear, and a deployment of a retired one fails late and unclearly.
# Before `azd provision`. Reads CHAT_MODEL_NAME, CHAT_MODEL_VERSION and CHAT_SKU, or else what infra/main.parameters.json
# says, and OPENAI_LOCATION or AZURE_LOCATION. Needs `az login`.
set -eu
cd "$(dirname "$0")/../.."
. infra/hooks/common.sh
help_if_asked "$0" "$@"
need az

# usual NAME: what infra/main.parameters.json takes where the environment does not say.
usual() {
    sed -n "s/.*\${$1=\([^}]*\)}.*/\1/p" infra/main.parameters.json
}

name=${CHAT_MODEL_NAME:-$(usual CHAT_MODEL_NAME)}
version=${CHAT_MODEL_VERSION:-$(usual CHAT_MODEL_VERSION)}
sku=${CHAT_SKU:-$(usual CHAT_SKU)}
location=${OPENAI_LOCATION:-${AZURE_LOCATION:?is not set: the region to ask about}}

offered=$(az cognitiveservices model list --location "$location" --output tsv --query \
    "[?kind=='OpenAI' && model.name=='$name' && model.version=='$version'] | [0].{ends: model.deprecation.inference, skus: join(',', model.skus[].name)}")
[ -n "$offered" ] || fail "$name $version is not offered in $location.
Choose another: azd env set CHAT_MODEL_NAME and CHAT_MODEL_VERSION. What there is:
  az cognitiveservices model list --location $location --query \"[?kind=='OpenAI'].model.{name: name, version: version, ends: deprecation.inference}\" -o table"

ends=$(printf '%s' "$offered" | cut -f 1)
skus=$(printf '%s' "$offered" | cut -f 2)
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
if [ "$ends" != None ] && [ "$(printf '%s\n%s\n' "$ends" "$now" | sort | head -n 1)" = "$ends" ]; then
    fail "$name $version was retired on ${ends%%T*}. Choose another: azd env set CHAT_MODEL_NAME and CHAT_MODEL_VERSION."
fi
case ",$skus," in
*",$sku,"*) ;;
*) fail "$name $version is offered in $location as $skus, and not as $sku: azd env set CHAT_SKU." ;;
esac
say "$name $version can be deployed in $location as $sku (retires: ${ends%%T*})."
