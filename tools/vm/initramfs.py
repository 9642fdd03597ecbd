# SPDX-License-Identifier: MIT
"""The guest's root file system, as a cpio archive.

build(kernel, gpu, modules, top, with32) returns the path of an archive with busybox, the kernel
modules that the guest needs, the library, the vdxg command and every test program that
has been built, with the shared libraries they need. Archives are cached in build/vm by
what went in, so that a rerun costs nothing. job() adds the small archive of one run.
"""

import glob
import hashlib
import lzma
import os
import re
import shutil
import stat
import subprocess
import tempfile
import time

# Kernel modules that are loaded at boot, where the kernel has them as modules.
BOOT_MODULES = {"virtio": ["virtio_pci", "virtio_gpu"], "bochs": ["bochs"], "none": []}

# Kernel modules that lie in /lib/modules for a test to load.
TEST_MODULES = ["vgem", "vkms", "bochs", "brd", "zram"]

LIBRARY_DIRS = {
    "ELF64": ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64"],
    "ELF32": ["/lib32", "/usr/lib32", "/lib/i386-linux-gnu", "/usr/lib/i386-linux-gnu"],
}

PASSWD = "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home:/bin/sh\n"
GROUP = "root:x:0:\nuser:x:1000:\n"

ARCHIVE_LIFETIME = 3600     # seconds an unused archive is kept


class Missing(Exception):
    """Something that the guest needs is not there; the text says what and what to do."""


class Archive:
    """A cpio archive in the kernel's "newc" format."""

    def __init__(self):
        self.parts = []
        self.seen = set()

    def _entry(self, name, mode, data=b""):
        head = [len(self.parts) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        part = b"070701" + b"".join(b"%08X" % field for field in head)
        part += name.encode() + b"\0"
        part += b"\0" * (-len(part) % 4) + data
        self.parts.append(part + b"\0" * (-len(part) % 4))

    def directory(self, path, mode=0o755):
        path = path.strip("/")
        if path and path not in self.seen:
            self.directory(os.path.dirname(path))
            self.seen.add(path)
            self._entry(path, stat.S_IFDIR | mode)

    def file(self, path, data, mode=0o644):
        path = path.strip("/")
        if path not in self.seen:
            self.directory(os.path.dirname(path))
            self.seen.add(path)
            self._entry(path, stat.S_IFREG | mode, data)

    def symlink(self, path, target):
        path = path.strip("/")
        if path not in self.seen:
            self.directory(os.path.dirname(path))
            self.seen.add(path)
            self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def bytes(self):
        self._entry("TRAILER!!!", 0)
        data = b"".join(self.parts)
        self.parts.pop()
        return data + b"\0" * (-len(data) % 512)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def modinfo(data, key):
    """The values of one key in the .modinfo section of a module."""
    return [v.decode() for v in re.findall(rb"(?<=\0)%s=([^\0]*)\0" % key.encode(), b"\0" + data)]


class Kernel:
    """An unpacked kernel: vmlinuz, release and lib/modules, as tools/kernel/ leaves it."""

    def __init__(self, directory):
        self.directory = directory
        self.release = read(f"{directory}/release").decode().strip()
        self.image = f"{directory}/vmlinuz"
        self.root = f"{directory}/lib/modules/{self.release}"
        self.depends = {}
        with open(f"{self.root}/modules.dep") as f:
            for line in f:
                path, needs = line.split(":")
                self.depends[self.name(path)] = (path, [self.name(n) for n in needs.split()])

    @staticmethod
    def name(path):
        return os.path.basename(path).split(".")[0].replace("-", "_")

    def order(self, names):
        """The modules to load for these, dependencies first; built-in ones are left out."""
        out = []

        def add(name):
            if name in out or name not in self.depends:
                return
            for needed in reversed(self.depends[name][1]):
                add(needed)
            out.append(name)

        for name in names:
            add(name)
        return out

    def module(self, name):
        data = read(f"{self.root}/{self.depends[name][0]}")
        return lzma.decompress(data) if data[:4] == b"\xfd7zX" else data


def needed_libraries(programs):
    """The shared libraries, interpreters included, that the programs load."""
    found, queue, done = {}, list(programs), set()
    while queue:
        batch, queue = [p for p in queue if p not in done], []
        if not batch:
            break
        done.update(batch)
        text = subprocess.run(["readelf", "-W", "-h", "-d", "-l", *batch], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for part in text.split("ELF Header:")[1:]:
            kind = re.search(r"Class:\s+(ELF\d\d)", part)
            if not kind:
                continue
            interpreter = re.search(r"interpreter: (\S+)\]", part)
            if interpreter and os.path.exists(interpreter[1]):
                found[interpreter[1]] = os.path.realpath(interpreter[1])
            for name in re.findall(r"\(NEEDED\).*\[(.+)\]", part):
                for directory in LIBRARY_DIRS[kind[1]]:
                    path = f"{directory}/{name}"
                    if os.path.exists(path):
                        found[path] = os.path.realpath(path)
                        queue.append(os.path.realpath(path))
                        break
    return found


def stripped(paths):
    """The contents of ELF files without what only a debugger reads, most of their size: by path."""
    with tempfile.TemporaryDirectory() as work:
        copies = {}
        for number, path in enumerate(paths):
            copies[path] = f"{work}/{number}"
            shutil.copyfile(path, copies[path])
        if copies:
            subprocess.run(["strip", "--strip-debug", *copies.values()], check=True)
        return {path: read(copy) for path, copy in copies.items()}


def payload(top, with32):
    """What the build made: a map from path in the guest to path here."""
    files = {}
    where = os.environ.get("VDXG_BUILD", "build")
    for bits, prefix, libdir in (("", "", "/usr/lib"), ("32/", "32", "/usr/lib32"))[:1 + with32]:
        build = f"{top}/{where}/{bits}"
        for path in glob.glob(f"{build}lib/*.so*"):
            files[f"{libdir}/{os.path.basename(path)}"] = path
        for path in glob.glob(f"{build}bin/*"):
            files[f"/usr/bin{prefix}/{os.path.basename(path)}"] = path
        for path in glob.glob(f"{build}tests/*/*"):
            if os.access(path, os.X_OK) and os.path.isfile(path):
                relative = os.path.relpath(path, f"{build}tests")
                files[f"/tests{prefix}/{relative}"] = path
    for path in glob.glob(f"{top}/tests/*/*.sh"):
        files[f"/tests/{os.path.relpath(path, top + '/tests')}"] = path
    return files


def build(kernel, gpu, modules, top, with32=True):
    """The archive for a kernel, with these out-of-tree modules; returns its path.

    Without @with32 what was built for 32 bits is left out: the debug kernel unpacks a megabyte in a second.
    """
    files = payload(top, with32)
    here = os.path.dirname(os.path.abspath(__file__))
    busybox = "/bin/busybox"
    if not os.path.exists(busybox):
        raise Missing("busybox is missing: tools/deps.sh installs it (package busybox-static)")

    inputs = [busybox, *glob.glob(f"{here}/guest/*"), *files.values(), *modules, __file__]
    key = hashlib.sha256(f"{kernel.root} {gpu}".encode())
    for path in sorted(inputs):
        info = os.stat(path)
        key.update(f"{path} {info.st_mtime_ns} {info.st_size}\n".encode())
    cache = f"{top}/build/vm"
    out = f"{cache}/initramfs-{key.hexdigest()[:16]}.cpio"
    if os.path.exists(out):
        os.utime(out)
        return out

    archive = Archive()
    for directory in ("dev", "proc", "sys", "root", "home", "mnt", "lib/modules"):
        archive.directory(directory)
    archive.directory("tmp", 0o1777)
    # as make install does it, for programs that look where WSL has a driver's files
    archive.directory("usr/lib/wsl/drivers/vdxg")
    archive.file("/bin/busybox", read(busybox), 0o755)
    for applet in subprocess.run([busybox, "--list"], stdout=subprocess.PIPE, text=True,
                                 check=True).stdout.split():
        archive.symlink(f"/bin/{applet}", "busybox")
    archive.file("/etc/passwd", PASSWD.encode())
    archive.file("/etc/group", GROUP.encode())
    archive.file("/init", read(f"{here}/guest/init"), 0o755)
    for name in ("asuser", "run-tests"):
        archive.file(f"/usr/bin/{name}", read(f"{here}/guest/{name}"), 0o755)

    programs = [f for f in files.values() if not f.endswith(".sh")]
    content = stripped({*programs, *modules})
    wanted = list(BOOT_MODULES[gpu])
    for path in modules:
        data = content[path]
        wanted += [d for v in modinfo(data, "depends") for d in v.split(",") if d]
        archive.file(f"/lib/modules/{os.path.basename(path)}", data)
    for name in kernel.order(wanted + TEST_MODULES):
        archive.file(f"/lib/modules/{name}.ko", kernel.module(name))
    archive.file("/etc/modules", "".join(f"{n}.ko\n" for n in kernel.order(wanted)).encode())

    for path, source in files.items():
        if os.path.islink(source):
            archive.symlink(path, os.readlink(source))
        else:
            archive.file(path, content.get(source) or read(source), 0o755)
    for path, source in needed_libraries(programs).items():
        archive.file(path, read(source), 0o755)

    os.makedirs(cache, exist_ok=True)
    for old in glob.glob(f"{cache}/*.cpio"):
        if os.path.exists(old) and time.time() - os.stat(old).st_mtime > ARCHIVE_LIFETIME:
            os.unlink(old)
    with open(f"{out}.{os.getpid()}", "wb") as f:
        f.write(archive.bytes())
    os.rename(f"{out}.{os.getpid()}", out)
    return out


def job(files):
    """The archive of one run: name -> text, below /job."""
    archive = Archive()
    for name, text in files.items():
        archive.file(f"/job/{name}", text.encode() if isinstance(text, str) else text, 0o755)
    return archive.bytes()
