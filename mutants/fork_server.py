"""Loads everything once, and forks a program out of itself for whoever asks: `python -m mutants.fork_server FD`.

A server of ours needs four seconds to import the SDKs; forked, it is up in a quarter of one, and a process of its own
all the same. See `mutants.forked` for the other side, which opens the socket. Said over it, each a line of JSON:

    asked     {"module": ..., "arguments": [...], "env": {...}, "cwd": ...}, with the descriptors of its two outputs
    answered  the program's process id, then, when it has ended, its return code

It ends, and its programs with it, when its standard input ends: when whoever started it is gone. A program whose asker
hangs up is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import traceback
from typing import Any, NoReturn

LONGEST = 1 << 20
"""Bytes of a question: an environment is the most of it."""


class ForkServer:
    """Serves one socket until `lifeline` ends.

    Args:
        listener: where it is asked. lifeline: a descriptor that is readable when it is time to go.
    """

    def __init__(self, listener: socket.socket, lifeline: int) -> None:
        self._lifeline = lifeline
        self._listener = listener
        self._askers: dict[int, socket.socket] = {}
        self._woken, waker = socket.socketpair()
        for end in (self._woken, waker):
            end.setblocking(False)
        self._waker = waker

    def serve(self) -> None:
        """Fork, reap and kill, until the lifeline ends."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner's Ctrl-C is the owner's to answer
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker.fileno())
        with selectors.DefaultSelector() as events:
            for what in (self._listener, self._woken, self._lifeline):
                events.register(what, selectors.EVENT_READ)
            while True:
                for key, _ in events.select():
                    if key.fileobj == self._lifeline:
                        self._end()
                        return
                    if key.fileobj is self._woken:
                        self._reap(events)
                    elif key.fileobj is self._listener:
                        self._answer(events)
                    elif key.data in self._askers:
                        # An asker has nothing more to say: it hung up.
                        self._kill(key.data)
                        events.unregister(key.fileobj)

    def _answer(self, events: selectors.BaseSelector) -> None:
        asker, _ = self._listener.accept()
        text, outputs, _, _ = socket.recv_fds(asker, LONGEST, 2)
        while text and not text.endswith(b"\n"):
            text += asker.recv(LONGEST)
        if not text:
            asker.close()
            return
        pid = os.fork()
        if pid == 0:
            self._become(json.loads(text), outputs, asker)
        for output in outputs:
            os.close(output)
        with contextlib.suppress(OSError):  # it has done so itself already
            os.setpgid(pid, pid)
        self._askers[pid] = asker
        self._tell(asker, pid)
        events.register(asker, selectors.EVENT_READ, data=pid)

    def _become(self, asked: dict[str, Any], outputs: list[int], asker: socket.socket) -> NoReturn:
        code = 1
        try:
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGINT, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            for end in (self._listener, self._woken, self._waker, asker, *self._askers.values()):
                end.close()
            nothing = os.open(os.devnull, os.O_RDONLY)
            for place, given in enumerate((nothing, *outputs)):
                os.dup2(given, place)
                os.close(given)
            os.environ.clear()
            os.environ.update(asked["env"])
            os.chdir(asked["cwd"])
            sys.path[0] = asked["cwd"]
            sys.argv = [asked["module"], *asked["arguments"]]
            runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()
            os._exit(code)

    def _reap(self, events: selectors.BaseSelector) -> None:
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                if (asker := self._askers.pop(pid, None)) is not None:
                    self._tell(asker, os.waitstatus_to_exitcode(status))
                    with contextlib.suppress(KeyError):
                        events.unregister(asker)
                    asker.close()

    def _tell(self, asker: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError):
            asker.sendall(f"{number}\n".encode())

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    def _end(self) -> None:
        for pid in self._askers:
            self._kill(pid)


def main() -> int:
    """Load, serve. Who asks meanwhile waits."""
    server = ForkServer(socket.socket(fileno=int(sys.argv[1])), lifeline=os.dup(0))
    from . import loaded

    assert loaded.NAMES
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
