#!/bin/sh
# Usage: infra/hooks/secrets.sh
#
# Makes those of the application's own secrets that the vault does not hold yet; never replaces one. They are random,
# pass through no argument of a program, and are shown to nobody. docs/runbook.md says how to rotate them.
# After `azd provision`. Reads KEY_VAULT_NAME. Needs `az login` as somebody who may write secrets, and a place from which
# the vault can be reached.
set -eu
cd "$(dirname "$0")/../.."
. infra/hooks/common.sh
help_if_asked "$0" "$@"
need az openssl
vault=${KEY_VAULT_NAME:?is not set: the name of the vault}

make_folder

# A right that was given a moment ago takes minutes to be known everywhere.
tries=${VAULT_TRIES:-20}
until known=$(az keyvault secret list --vault-name "$vault" --query '[].name' --output tsv 2>"$folder/said"); do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
        cat "$folder/said" >&2
        fail "The vault $vault cannot be read. Where it is private, run this from inside its network, or deploy with your
address among operatorAddresses. You need the role Key Vault Secrets Officer."
    fi
    sleep "${VAULT_PAUSE:-15}"
done

# make NAME COMMAND [KEY-ID]: stores what the command prints, after the id of the key where there is one.
make() {
    case "
$known
" in *"
$1
"*)
        say "  $1: is there"
        return
        ;;
    esac
    printf '%s%s' "${3:+$3:}" "$("$2")" >"$folder/value"
    store "$1"
    say "  $1: made"
}

kid=$(key_id)
say "Secrets of the vault $vault:"
make session-keys text "$kid"
make ingest-keys text "$kid"
make vault-keys bytes "$kid"
make sealing-keys p256 "$kid"
make password-pepper text
make metrics-token text
