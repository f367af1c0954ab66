#!/usr/bin/env python3
"""The hands of the kernel harness: one process that owns two throw-away network namespaces.

It makes two unnamed namespaces, `far` and `host`, lives in `host`, and answers requests on standard input,
one JSON object a line, one answer a line. Unnamed namespaces go away with their last process, so nothing is
left behind however this process ends; and since nobody else can name them, two runs never meet.

Requests: {"ops": [op, ...]}; the operations run in order and stop at the first that fails.
  {"op": "run", "argv": [...], "input": "..."}     -> {"status", "stdout", "stderr"}
                                                        "patient": true tries again for a while where it fails
  {"op": "sysctl", "path": "net/ipv4/ip_forward", "value": "1"}
  Both take "far": true, and then work in the far namespace.
  {"op": "frames", "device": "x-eth0", "data": "<base64>"}   frames for a device in `far`, each behind its
                                                        length (four bytes, big endian)
  {"op": "raw", "family": 4, "device": "", "mark": 1, "data": "<base64>"}  whole IP packets sent from `host`
Answer: {"results": [...]} or {"error": "...", "at": index}.
"""
import base64
import ctypes
import ctypes.util
import errno
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000  # include/uapi/linux/sched.h
ETH_P_ALL = 3
PR_SET_PDEATHSIG = 1
IPPROTO_RAW = 255
SOCKET_BUFFER = 1 << 22
TOOL_TIMEOUT_SECONDS = 60
PATIENCE_ATTEMPTS = 300
PATIENCE_PAUSE_SECONDS = 0.01

libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)


def check(result, what):
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def new_namespace():
    check(libc.unshare(CLONE_NEWNET), "unshare")
    return os.open("/proc/self/ns/net", os.O_RDONLY)


class Agent:
    def __init__(self):
        self.far = new_namespace()
        self.host = new_namespace()
        self.devices = {}
        self.raw_sockets = {}

    def in_far(self, action):
        check(libc.setns(self.far, CLONE_NEWNET), "setns")
        try:
            return action()
        finally:
            check(libc.setns(self.host, CLONE_NEWNET), "setns")

    def far_socket(self, device):
        """A packet socket on a device of the far namespace; a socket stays in the namespace where it was made."""
        if device not in self.devices:
            sock = self.in_far(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
            sock.bind((device, 0))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
            self.devices[device] = sock
        return self.devices[device]

    def raw_socket(self, family, device, mark):
        key = (family, device, mark)
        if key not in self.raw_sockets:
            domain = socket.AF_INET if family == 4 else socket.AF_INET6
            sock = socket.socket(domain, socket.SOCK_RAW, IPPROTO_RAW)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
            if device:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
            self.raw_sockets[key] = sock
        return self.raw_sockets[key]

    def op_run(self, op):
        done = self.run_once(op)
        for _ in range(PATIENCE_ATTEMPTS if op.get("patient") else 0):
            if done.returncode == 0:
                break
            time.sleep(PATIENCE_PAUSE_SECONDS)
            done = self.run_once(op)
        return {"status": done.returncode, "stdout": done.stdout, "stderr": done.stderr}

    @staticmethod
    def run_once(op):
        return subprocess.run(
            op["argv"],
            input=op.get("input", ""),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TOOL_TIMEOUT_SECONDS,
            check=False,
        )

    def op_sysctl(self, op):
        with open("/proc/sys/" + op["path"], "w", encoding="ascii") as file:
            file.write(op["value"])
        return {}

    def op_frames(self, op):
        sock = self.far_socket(op["device"])
        return self.send_all(op["data"], sock.send)

    def op_raw(self, op):
        """Whole packets with their own headers. A packet that OUTPUT drops makes send fail with EPERM."""
        family = op["family"]
        sock = self.raw_socket(family, op.get("device", ""), op.get("mark", 0))

        def send(packet):
            if family == 4:
                address = (socket.inet_ntop(socket.AF_INET, packet[16:20]), 0)
            else:
                address = (socket.inet_ntop(socket.AF_INET6, packet[24:40]), 0)
            sock.sendto(packet, address)

        return self.send_all(op["data"], send)

    def send_all(self, data, send):
        buffer = base64.b64decode(data)
        at, sent, refused, failed = 0, 0, 0, []
        while at < len(buffer):
            (length,) = struct.unpack_from(">I", buffer, at)
            packet = buffer[at + 4 : at + 4 + length]
            at += 4 + length
            error = self.send_one(packet, send)
            if error is None:
                sent += 1
            elif error == errno.EPERM:
                refused += 1
            else:
                failed.append([sent + refused + len(failed), errno.errorcode.get(error, str(error))])
        return {"sent": sent, "refused": refused, "failed": failed}

    @staticmethod
    def send_one(packet, send):
        for _ in range(1000):
            try:
                send(packet)
                return None
            except OSError as error:
                if error.errno not in (errno.ENOBUFS, errno.EAGAIN):
                    return error.errno
            time.sleep(0.0005)
        return errno.ENOBUFS

    def answer(self, request):
        results = []
        for index, op in enumerate(request["ops"]):
            try:
                action = getattr(self, "op_" + op["op"])
                results.append(self.in_far(lambda: action(op)) if op.get("far") else action(op))
            except (OSError, subprocess.SubprocessError, KeyError, ValueError) as error:
                return {"error": f"{op.get('op')}: {error}", "at": index}
            if op["op"] == "run" and results[-1]["status"] != 0 and not op.get("mayFail"):
                return {"error": " ".join(op["argv"]) + ": " + results[-1]["stderr"], "at": index}
        return {"results": results}


def main():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; its end closes our standard input
    try:
        agent = Agent()
        # A lock of our own, in memory: iptables-legacy's lock file is one for all namespaces of a machine.
        os.environ["XTABLES_LOCKFILE"] = f"/proc/{os.getpid()}/fd/{os.memfd_create('xtables-lock')}"
    except OSError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return 1
    print(json.dumps({"ready": os.getpid(), "far": f"/proc/{os.getpid()}/fd/{agent.far}"}), flush=True)
    for line in sys.stdin:
        print(json.dumps(agent.answer(json.loads(line))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
