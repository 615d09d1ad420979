#!/bin/sh
# Usage: infra/hooks/rotate-key.sh NAME add|promote|drop
#
# One step of rotating a ring of keys, `kid:secret,…`, of which the first signs or encrypts and all verify or decrypt.
# NAME is session-keys, ingest-keys, vault-keys or sealing-keys. Restart the functions after each step, so that all know
# a key before one uses it:
#
#   add       puts a new key last: everybody accepts it, nobody uses it yet
#   promote   puts the last one first: from now on it is used
#   drop      takes the last one away. docs/runbook.md says what to wait for before
#
# Reads KEY_VAULT_NAME. Needs `az login` as somebody who may write secrets.
set -eu
cd "$(dirname "$0")/../.."
. infra/hooks/common.sh
help_if_asked "$0" "$@"
need az openssl
vault=${KEY_VAULT_NAME:?is not set: the name of the vault}
case ${1:-} in
session-keys | ingest-keys) secret=text ;;
vault-keys) secret=bytes ;;
sealing-keys) secret=p256 ;;
*) fail "${1:-Nothing} is not the name of a ring of keys; see --help." ;;
esac

make_folder
ring=$(az keyvault secret show --vault-name "$vault" --name "$1" --query value --output tsv)
[ -n "$ring" ] || fail "$1 is empty."
last=${ring##*,}
others=${ring%",$last"}
case ${2:-} in
add)
    kid=$(key_id)
    case ",$ring" in *",$kid:"*) fail "$1 has a key $kid already: one a day is enough." ;; esac
    changed=$ring,$kid:$("$secret")
    ;;
promote)
    [ "$others" != "$ring" ] || fail "$1 has one key only: add one first."
    changed=$last,$others
    ;;
drop)
    [ "$others" != "$ring" ] || fail "$1 has one key only, which is in use."
    changed=$others
    ;;
*) fail 'What shall be done? add, promote or drop; see --help.' ;;
esac
printf %s "$changed" >"$folder/value"
store "$1"
say "$1: $(printf %s "$changed" | tr , '\n' | sed 's/:.*//' | tr '\n' ' ')"
say 'Now restart the functions: az functionapp restart --resource-group "$AZURE_RESOURCE_GROUP" --name "$SERVICE_API_NAME"'
