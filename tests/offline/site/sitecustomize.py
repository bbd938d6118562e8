"""Refuses and records what reaches for a network or asks on standard input; see `tests.offline`.

Sockets between processes of this computer are allowed.
"""

import os
import socket
import sys
from typing import Any

LOOK_UPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
CONNECTIONS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_record = os.environ["OFFLINE_RECORD"]


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "builtins.input" or event in LOOK_UPS:
        what = repr(arguments[:2])
    elif event in CONNECTIONS and arguments[0].family != getattr(socket, "AF_UNIX", None):
        what = repr(arguments[1])
    else:
        return
    with open(_record, "a", encoding="utf-8") as record:  # noqa: PTH123 (nothing else is imported here)
        record.write(f"{event} {what}\n")
    raise OSError(f"no network in this test: {event} {what}")


sys.addaudithook(_refuse)
