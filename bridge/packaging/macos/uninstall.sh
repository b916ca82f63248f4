#!/bin/sh
# NOT YET BUILT ON THIS PLATFORM: reviewed line by line, never run.
# sudo "/Library/Application Support/CECTRUST Bridge/uninstall.sh"
# Leaves people's profiles and the fleet's pairing files; the administrators' page says where they are.
set -eu

[ "$(id -u)" = 0 ] || { echo "管理者として実行してください。 Run it as administrator (sudo)." >&2; exit 1; }

for uid in $(ps -axo uid=,command= | awk '/CECTRUST Bridge.app\/Contents\/MacOS\/cectrust-bridge run/ && !/awk/ {print $1}' | sort -u); do
    launchctl bootout "gui/$uid/jp.cectrust.bridge" 2>/dev/null || true
done
rm -f /Library/LaunchAgents/jp.cectrust.bridge.plist
# Bridges that somebody started by hand end by themselves once their program is gone.
rm -rf "/Applications/CECTRUST Bridge.app"
pkgutil --forget jp.cectrust.bridge >/dev/null
rm -f "/Library/Application Support/CECTRUST Bridge/uninstall.sh"
