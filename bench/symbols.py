"""Which function an address belongs to: in Terraform, whose symbols are stripped, by the table that Go's own stack traces need
(.gopclntab, of Go 1.20 and later); and which library, in the provider, by the map that the linker wrote."""

import bisect
import re
import struct
import subprocess

GO_TABLE = 0xFFFFFFF1


def _readelf(option, path):
    return subprocess.run(["readelf", option, path], capture_output=True, text=True, check=True).stdout


def vaddr_of(path):
    """A function from a place in the file to its address in memory, of the part that is executed."""
    for line in _readelf("-lW", path).splitlines():
        words = line.split()
        if words[:1] == ["LOAD"] and "E" in "".join(words[6:-1]):
            difference = int(words[2], 16) - int(words[1], 16)
            return lambda place: place + difference
    raise RuntimeError(f"{path} has no part that is executed")


class Ranges:
    def __init__(self, starts_and_names):
        found = sorted(starts_and_names)
        self.starts = [start for start, _ in found]
        self.names = [name for _, name in found]

    def find(self, address):
        place = bisect.bisect(self.starts, address) - 1
        return self.names[place] if place >= 0 else ""


def go_functions(path):
    with open(path, "rb") as file:
        data = file.read()
    (line,) = [line for line in _readelf("-SW", path).splitlines() if " .gopclntab " in line]
    offset, size = (int(word, 16) for word in line.split(" .gopclntab ")[1].split()[2:4])
    table = data[offset : offset + size]
    if struct.unpack_from("<I", table)[0] != GO_TABLE:
        raise RuntimeError(f"{path} was built by an older Go")
    count, _files, text, names, _units, _paths, _pcs, functions = struct.unpack_from("<8Q", table, 8)
    found = []
    for i in range(count):
        start, place = struct.unpack_from("<II", table, functions + i * 8)
        (name,) = struct.unpack_from("<i", table, functions + place + 4)
        end = table.index(b"\0", names + name)
        found.append((text + start, table[names + name : end].decode()))
    return Ranges(found)


PLACED = re.compile(r"^ \.text\S*\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S.*)$")


def linked_files(path):
    """The file that each part of the program's text comes from."""
    with open(path, encoding="utf-8") as file:
        text = file.read().split("Linker script and memory map", 1)[1]
    text = re.sub(r"^( \.text\S*)\n\s+", r"\1 ", text, flags=re.MULTILINE)
    found = [PLACED.match(line) for line in text.splitlines()]
    return Ranges((int(one[1], 16), one[3]) for one in found if one and int(one[2], 16))
