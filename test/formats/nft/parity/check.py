#!/usr/bin/env python3
"""What `nft -c -f` says of the scripts `0`, `1`, … of the current folder, with nothing loaded.

  check.py <count> <shards>

For each script, `<n>.rc` and `<n>.out` are written: the status that nft would end with, and what it would print. nft(8) is the
library libnftables (libnftables(3)) and no more, and a process of nft's own for each script takes longer than the check, so
the library is asked here. Most of a check is waiting for the kernel to take back what it tried, so several shards wait
side by side, each in a network namespace of its own. A namespace counts its tables, also those that were only checked:
scripts that ask for these numbers (handles) have one each. The library may break down or hang with a script: the
process that it takes along is begun again behind it, and `.rc` has the signal as a shell would say it.
"""
import ctypes
import ctypes.util
import os
import signal
import sys

CLONE_NEWNET = 0x40000000  # include/uapi/linux/sched.h
SECONDS_FOR_A_SCRIPT = 5

libc = ctypes.CDLL(None, use_errno=True)
nft = ctypes.CDLL("libnftables.so.1")
nft.nft_ctx_new.restype = ctypes.c_void_p
nft.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
nft.nft_ctx_get_output_buffer.restype = ctypes.c_char_p


def own_namespace():
    if libc.unshare(CLONE_NEWNET) != 0:
        sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")


def check(name):
    """The status and the output of `nft -c -f <name>`."""
    context = ctypes.c_void_p(nft.nft_ctx_new(0))
    nft.nft_ctx_set_dry_run(context, True)
    nft.nft_ctx_buffer_error(context)
    nft.nft_ctx_buffer_output(context)
    failed = nft.nft_run_cmd_from_filename(context, name.encode())
    output = nft.nft_ctx_get_output_buffer(context) + nft.nft_ctx_get_error_buffer(context)
    nft.nft_ctx_free(context)
    return (1 if failed else 0), output


def tell(name, status, output):
    with open(f"{name}.out", "ab") as file:
        file.write(output)
    with open(f"{name}.rc", "w", encoding="ascii") as file:
        file.write(str(status))


def check_from(names):
    """Checks scripts until the last, or until the library takes this process along."""
    for name in names:
        with open(name, "rb") as file:
            if b"handle" in file.read():
                own_namespace()
        # What the library itself prints when it breaks down.
        out = os.open(f"{name}.out", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.close(out)
        signal.alarm(SECONDS_FOR_A_SCRIPT)
        status, output = check(name)
        signal.alarm(0)
        tell(name, status, output)


def shard(names):
    own_namespace()
    left = names
    while left:
        child = os.fork()
        if child == 0:
            check_from(left)
            os._exit(0)
        _, ended = os.waitpid(child, 0)
        left = [name for name in left if not os.path.exists(f"{name}.rc")]
        if left:
            code = os.waitstatus_to_exitcode(ended)
            tell(left.pop(0), 128 - code if code < 0 else 1, signal.strsignal(-code).encode() if code < 0 else b"")


def main():
    count, shards = int(sys.argv[1]), int(sys.argv[2])
    children = []
    for first in range(shards):
        child = os.fork()
        if child == 0:
            shard([str(name) for name in range(first, count, shards)])
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


main()
