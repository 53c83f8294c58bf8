"""Where things stand in a GGUF file, so that a test can make a bad file of a good one."""

import struct

# GGUF's value types: their struct letters; 8 is a string, 9 an array.
_LETTERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


class Places:
    """Offsets within the bytes of a GGUF file of version 3."""

    def __init__(self, data):
        self.data = data
        self.at = 4
        assert data[:4] == b"GGUF"
        self.version = self.at
        self._take("I")
        tensors, pairs = self._take("Q"), self._take("Q")
        self.values = {}  # key: (offset of the value, value), for scalars and strings
        for _ in range(pairs):
            key = self._string()[1]
            kind = self._take("I")
            self.values[key] = self._value(kind)
        self.tensor_types = {}  # name: offset of its type
        self.tensor_dims = {}  # name: offset of its first dimension
        for _ in range(tensors):
            name = self._string()[1]
            dimensions = self._take("I")
            self.tensor_dims[name] = self.at
            self.at += 8 * dimensions
            self.tensor_types[name] = self.at
            self.at += 4 + 8
        self.end_of_header = self.at

    def _take(self, letter):
        value = struct.unpack_from("<" + letter, self.data, self.at)[0]
        self.at += struct.calcsize("<" + letter)
        return value

    def _string(self):
        length = self._take("Q")
        start = self.at
        self.at += length
        return start, self.data[start:self.at].decode()

    def _value(self, kind):
        if kind == 8:
            return self._string()
        if kind == 9:
            element, count = self._take("I"), self._take("Q")
            start = self.at
            for _ in range(count):
                self._value(element)
            return start, None
        return self.at, self._take(_LETTERS[kind])


def patched(data, offset, replacement):
    """The same bytes with `replacement` over those at `offset`."""
    return data[:offset] + replacement + data[offset + len(replacement):]
