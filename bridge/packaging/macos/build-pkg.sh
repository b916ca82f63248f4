#!/bin/sh
# NOT YET BUILT ON THIS PLATFORM: reviewed line by line, never run.
# Makes dist/cectrust-bridge_VERSION_macos-ARCH.pkg from "dist/CECTRUST Bridge.app".
#
#   VERSION=0.1.0 [INSTALLER_IDENTITY="Developer ID Installer: …"] sh bridge/packaging/macos/build-pkg.sh
#
# Afterwards, for computers outside: xcrun notarytool submit --wait, xcrun stapler staple.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
case "$(uname -m)" in
    arm64) architecture=arm64 ;;
    x86_64) architecture=amd64 ;;
    *) echo "unknown architecture" >&2; exit 1 ;;
esac
: "${VERSION:?}"
payload=$(mktemp -d)
trap 'rm -rf "$payload"' EXIT

mkdir -p "$payload/Applications" "$payload/Library/LaunchAgents"
ditto "dist/CECTRUST Bridge.app" "$payload/Applications/CECTRUST Bridge.app"
install -m 0644 "$here/jp.cectrust.bridge.plist" "$payload/Library/LaunchAgents/"
install -m 0755 "$here/uninstall.sh" "$payload/Applications/CECTRUST Bridge.app/Contents/Resources/uninstall.sh"
# The script lies inside the signed bundle: sign again after it was added.
if [ -n "${CODESIGN_IDENTITY:-}" ]; then
    codesign --force --options runtime --timestamp --entitlements "$here/entitlements.plist" \
        --sign "$CODESIGN_IDENTITY" "$payload/Applications/CECTRUST Bridge.app"
fi

set -- --root "$payload" --scripts "$here/scripts" --identifier jp.cectrust.bridge --version "$VERSION" \
    --ownership recommended --install-location /
if [ -n "${INSTALLER_IDENTITY:-}" ]; then
    set -- "$@" --sign "$INSTALLER_IDENTITY"
fi
pkgbuild "$@" "dist/cectrust-bridge_${VERSION}_macos-${architecture}.pkg"
