# shellcheck shell=sh
# What the hooks share. Sourced, after `cd` to the root of the repository.

# help_if_asked SCRIPT ARGUMENT...: prints the script's opening comment and ends, when --help is among the arguments.
help_if_asked() {
    script=infra/hooks/${1##*/}
    shift
    for word in "$@"; do
        case $word in -h | --help)
            sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$script"
            exit 0
            ;;
        esac
    done
}

say() {
    printf '%s\n' "$*"
}

fail() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

# need PROGRAM...
need() {
    for program in "$@"; do
        command -v "$program" >/dev/null || fail "$program is needed and not there."
    done
}

# Makes a folder of ours alone, which goes when the script ends.
make_folder() {
    umask 077
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# store NAME: puts the content of $folder/value into the vault; as an argument everybody on the machine could read it.
store() {
    az keyvault secret set --vault-name "$vault" --name "$1" --file "$folder/value" --encoding utf-8 --output none
    rm "$folder/value"
}

key_id() {
    date -u +k%Y%m%d
}

text() {
    openssl rand -base64 48 | tr -d '\n'
}

bytes() {
    openssl rand -base64 32 | tr -d '\n'
}

# The private number of a new key of P-256: 32 bytes that follow the seven of its DER form's head.
p256() {
    openssl ecparam -name prime256v1 -genkey -noout -outform DER | tail -c +8 | head -c 32 | base64 | tr -d '\n'
}
