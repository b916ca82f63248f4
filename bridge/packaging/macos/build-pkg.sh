#!/bin/sh
# NOT YET BUILT ON THIS PLATFORM: reviewed line by line, never run.
# Makes dist/cectrust-bridge_VERSION_macos-ARCH.pkg from "dist/CECTRUST Bridge.app".
#
#   VERSION=0.1.0 [INSTALLER_IDENTITY="Developer ID Installer: …"] sh bridge/packaging/macos/build-pkg.sh
#
# Afterwards, for computers outside: xcrun notarytool submit --wait, xcrun stapler staple.
set -eu
umask 022

here=$(cd "$(dirname "$0")" && pwd)
case "$(uname -m)" in
    arm64) architecture=arm64 ;;
    x86_64) architecture=amd64 ;;
    *) echo "unknown architecture" >&2; exit 1 ;;
esac
: "${VERSION:?}"
app="dist/CECTRUST Bridge.app"
# Nothing is added to it after this: PyInstaller signed what it made, and the seal covers every file.
codesign --verify --deep --strict "$app"
payload=$(mktemp -d)
trap 'rm -rf "$payload"' EXIT
# mktemp makes it 0700, and the package would carry that as the mode of /.
chmod 0755 "$payload"

support="$payload/Library/Application Support/CECTRUST Bridge"
mkdir -p "$payload/Applications" "$support"
ditto "$app" "$payload/Applications/CECTRUST Bridge.app"
install -m 0755 "$here/uninstall.sh" "$support/uninstall.sh"
# The program itself says whether it can serve here. One that cannot is not started at log-in.
if "$app/Contents/MacOS/cectrust-bridge" run --check; then
    mkdir -p "$payload/Library/LaunchAgents"
    install -m 0644 "$here/jp.cectrust.bridge.plist" "$payload/Library/LaunchAgents/"
fi

set -- --root "$payload" --component-plist "$here/components.plist" --scripts "$here/scripts" \
    --identifier jp.cectrust.bridge --version "$VERSION" --ownership recommended --install-location /
if [ -n "${INSTALLER_IDENTITY:-}" ]; then
    set -- "$@" --sign "$INSTALLER_IDENTITY"
fi
pkgbuild "$@" "dist/cectrust-bridge_${VERSION}_macos-${architecture}.pkg"
