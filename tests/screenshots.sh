#!/bin/sh
# Makes the picture of the page in docs/pictures: mail goes through a real Postfix, a real browser looks at the page.
# No part of the tests. It needs root, since Postfix does; tests/install-browser.sh provides the browser.
#
#   tests/screenshots.sh [FOLDER]
set -eu

cd "$(dirname "$0")/.."
tests/install-postfix.sh >/dev/null
cargo build --quiet --locked --bin amazon-spoof-milter --example screenshots
exec target/debug/examples/screenshots target/debug/amazon-spoof-milter "${1:-docs/pictures}"
