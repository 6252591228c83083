"""`python -m spiders.demo`: serves one day of the demo help centre until interrupted."""

import argparse
import signal
import sys

from spiders.demo.days import DAYS
from spiders.demo.server import DemoCentre


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m spiders.demo", description=__doc__)
    parser.add_argument("--day", type=int, choices=tuple(DAYS), default=1)
    parser.add_argument("--port", type=int, default=0, help="0 (the default): a free one")
    asked = parser.parse_args()
    try:
        centre = DemoCentre(day=asked.day, port=asked.port)
    except OSError as error:
        print(f"Port {asked.port} cannot be used ({error.strerror}). Try --port 0", file=sys.stderr)
        return 2
    stop = {signal.SIGINT, signal.SIGTERM}
    # Blocked before the server's threads begin: they inherit it, and sigwait gets the signal.
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    with centre:
        print(f"Day {asked.day} of the demo help centre: {centre.url}/help", flush=True)
        signal.sigwait(stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
