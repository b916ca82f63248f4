#!/bin/sh
# Run a command on a loopback of its own, where this user may make one; elsewhere on the machine's.
# The journey's fixed ports lie among those that the kernel gives to the connections of other programs.
if unshare --net ip link set lo up 2>/dev/null; then
    exec unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"
fi
exec "$@"
