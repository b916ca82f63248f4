"""`python -m cectrust.parsing FD MODULE...`: the warm process; FD is its end of the control socket."""

import socket
import sys

from cectrust.parsing.worker import serve

if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control, sys.argv[2:])
