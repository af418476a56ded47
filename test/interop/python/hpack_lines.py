"""HPACK as Python's hpack has it, for comparison: the commands of ../go/hpack/main.go.

new               begins anew, with tables of 4,096 bytes -> ok
encode SIZE JSON  encodes [[name, value], ...] after setting the table to SIZE (-1: as it is) -> hex
decode HEX        decodes a block -> JSON, or "error: why"

Strings of JSON are octets: one character, up to U+00FF, each.
"""

import json
import sys

from hpack import Decoder, Encoder, HPACKError

BYTES_MOST = 1 << 20


class Peer:
    def __init__(self):
        self.encoder = Encoder()
        self.decoder = Decoder(max_header_list_size=BYTES_MOST)

    def encode(self, arguments):
        size, text = arguments.split(" ", 1)
        if int(size) >= 0:
            self.encoder.header_table_size = int(size)
        fields = [
            (name.encode("latin-1"), value.encode("latin-1"), name == "authorization")
            for name, value in json.loads(text)
        ]
        return self.encoder.encode(fields).hex()

    def decode(self, text):
        try:
            fields = self.decoder.decode(bytes.fromhex(text), raw=True)
        # A block that ends within an integer is an IndexError inside of some versions.
        except (HPACKError, IndexError) as error:
            return f"error: {error}".replace("\n", " ")
        return json.dumps([[bytes(part).decode("latin-1") for part in field[:2]] for field in fields])


def main():
    peer = Peer()
    for line in sys.stdin:
        command, _, rest = line.rstrip("\n").partition(" ")
        if command == "new":
            peer = Peer()
            print("ok")
        elif command == "encode":
            print(peer.encode(rest))
        elif command == "decode":
            print(peer.decode(rest))


main()
