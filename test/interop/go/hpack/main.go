// HPACK as golang.org/x/net has it, for comparison: a command a line on standard
// input, an answer a line on standard output.
//
//	new              begins anew, with tables of 4,096 bytes   -> ok
//	encode SIZE JSON encodes [[name, value], ...] after setting the table to SIZE (-1: as it is) -> hex
//	decode HEX       decodes a block                            -> JSON, or "error: why"
//
// Strings of JSON are octets: one character, up to U+00FF, each.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/http2/hpack"
)

var (
	buffer  bytes.Buffer
	encoder *hpack.Encoder
	decoder *hpack.Decoder
)

func begin() {
	buffer.Reset()
	encoder = hpack.NewEncoder(&buffer)
	decoder = hpack.NewDecoder(4096, nil)
}

func main() {
	begin()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		command, rest, _ := strings.Cut(lines.Text(), " ")
		switch command {
		case "new":
			begin()
			fmt.Fprintln(out, "ok")
		case "encode":
			fmt.Fprintln(out, encode(rest))
		case "decode":
			fmt.Fprintln(out, decode(rest))
		}
	}
}

func encode(arguments string) string {
	size, list, _ := strings.Cut(arguments, " ")
	if bytes, _ := strconv.Atoi(size); bytes >= 0 {
		encoder.SetMaxDynamicTableSize(uint32(bytes))
	}
	var fields [][2]string
	if err := json.Unmarshal([]byte(list), &fields); err != nil {
		return "error: " + err.Error()
	}
	buffer.Reset()
	for _, field := range fields {
		sensitive := field[0] == "authorization"
		encoder.WriteField(hpack.HeaderField{Name: octets(field[0]), Value: octets(field[1]), Sensitive: sensitive})
	}
	return hex.EncodeToString(buffer.Bytes())
}

func decode(text string) string {
	block, err := hex.DecodeString(text)
	if err != nil {
		return "error: " + err.Error()
	}
	fields, err := decoder.DecodeFull(block)
	if err != nil {
		return "error: " + err.Error()
	}
	pairs := make([][2]string, 0, len(fields))
	for _, field := range fields {
		pairs = append(pairs, [2]string{characters(field.Name), characters(field.Value)})
	}
	answer, _ := json.Marshal(pairs)
	return string(answer)
}

func octets(text string) string {
	bytes := make([]byte, 0, len(text))
	for _, character := range text {
		bytes = append(bytes, byte(character))
	}
	return string(bytes)
}

func characters(octets string) string {
	runes := make([]rune, 0, len(octets))
	for index := 0; index < len(octets); index++ {
		runes = append(runes, rune(octets[index]))
	}
	return string(runes)
}
