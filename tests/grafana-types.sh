#!/bin/sh
# Lets Grafana's own types look at dashboards: a key or a word that Grafana doesn't know is an error.
#
#   tests/grafana-types.sh DASHBOARD.json...
#
# The types are those of @grafana/schema, and typescript looks at them; both come in one pinned version from npm, are put
# into target/grafana and are never installed. tests/monitoring/grafana.ts says which of the types a dashboard is.
set -eu

say() { printf 'grafana-types: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

root=$(cd "$(dirname "$0")/.." && pwd)
folder=$root/target/grafana
command -v node >/dev/null && command -v npm >/dev/null || die 'node and npm are missing: apt-get install nodejs npm'

# NAME VERSION ARCHIVE SHA-256
provide() {
    home=$folder/node_modules/$1
    [ "$(cat "$home/.sum" 2>/dev/null)" != "$4" ] || return 0
    say "fetching $1 $2 by npm into $folder"
    work=$(mktemp -d)
    (cd "$work" && npm pack --silent "$1@$2" >/dev/null) || die "npm could not fetch $1"
    printf '%s  %s\n' "$4" "$work/$3" | sha256sum -c --status - || die "this $1 $2 is not the one that was looked at"
    rm -rf "$home"
    mkdir -p "$home"
    tar -xzf "$work/$3" -C "$home" --strip-components=1
    printf '%s\n' "$4" >"$home/.sum"
    rm -rf "$work"
}
provide @grafana/schema 13.2.3 grafana-schema-13.2.3.tgz f492f0ec5b0212cbf7f098d5d54b4a540371c262c6b78e9016ee2d26add9e559
provide typescript 5.9.3 typescript-5.9.3.tgz 10e108c9cf7d5f2879053dff18515fb405abf2ccef63eaaf017d9c571687a1d3

work=$(mktemp -d -p "$folder")
trap 'rm -rf "$work"' EXIT
for dashboard; do
    # A literal is looked at more closely than a file that is imported.
    {
        cat "$root/tests/monitoring/grafana.ts"
        printf 'export const file: Dashboard = '
        cat "$dashboard"
        printf ';\n'
    } >"$work/$(basename "$dashboard" .json).ts"
done
node "$folder/node_modules/typescript/lib/tsc.js" --noEmit --strict --skipLibCheck --target es2022 \
    --module nodenext --moduleResolution nodenext "$work"/*.ts
