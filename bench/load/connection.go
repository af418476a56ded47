package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"log"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// What the server may send before it is told that there is room for more.
const windowBytes = 1 << 30

// The longest frame, which is what every peer may send.
const frameBytesMost = 16384

// call is one under way.
type call struct {
	// When it was to be sent.
	due time.Time
	// Bytes of its answer, framing included.
	bytes int
}

// connection is a client's side of HTTP/2, for calls with one small request each.
type connection struct {
	options
	socket net.Conn
	reader *bufio.Reader
	// Takes what comes of a call, called from read. It may send more.
	answered func(call)

	mutex sync.Mutex
	// Frames that are not sent yet.
	output  []byte
	writer  *writer
	block   bytes.Buffer
	encoder *hpack.Encoder
	random  *rand.Rand
	calls   map[uint32]call
	nextID  uint32
	// What the server still takes on this connection.
	sendWindow int

	decoder *hpack.Decoder
	// The grpc-status of the block that is decoded, and that with its message for a message of ours.
	status, trouble string
	received        int
}

func connect(o options, number int, answered func(call)) *connection {
	socket, err := net.Dial("tcp", o.address)
	if err != nil {
		log.Fatal(err)
	}
	c := &connection{
		options:    o,
		socket:     socket,
		reader:     bufio.NewReaderSize(socket, 256<<10),
		answered:   answered,
		writer:     newWriter(o, number),
		random:     rand.New(rand.NewPCG(2, uint64(number))),
		calls:      map[uint32]call{},
		nextID:     1,
		sendWindow: 65535,
	}
	c.encoder = hpack.NewEncoder(&c.block)
	c.decoder = hpack.NewDecoder(4096, func(field hpack.HeaderField) {
		switch field.Name {
		case "grpc-status":
			c.status = field.Value
		case "grpc-message":
			c.trouble = field.Value
		}
	})
	c.output = append(c.output, http2.ClientPreface...)
	c.frame(http2.FrameSettings, 0, 0, 12)
	c.output = append(c.output, 0, byte(http2.SettingEnablePush), 0, 0, 0, 0)
	c.output = append(c.output, 0, byte(http2.SettingInitialWindowSize))
	c.output = binary.BigEndian.AppendUint32(c.output, windowBytes)
	c.widenWindow(windowBytes)
	return c
}

// frame writes the head of a frame.
func (c *connection) frame(kind http2.FrameType, flags http2.Flags, stream uint32, length int) {
	c.output = append(c.output, byte(length>>16), byte(length>>8), byte(length), byte(kind), byte(flags))
	c.output = binary.BigEndian.AppendUint32(c.output, stream)
}

func (c *connection) widenWindow(count uint32) {
	c.frame(http2.FrameWindowUpdate, 0, 0, 4)
	c.output = binary.BigEndian.AppendUint32(c.output, count)
}

// send writes the call with this number, which flush sends. The mutex must be held.
func (c *connection) send(number int, due time.Time) {
	path, message := c.writer.request(number)
	id := c.nextID
	c.nextID += 2
	c.calls[id] = call{due: due}
	c.encodeHead(path)
	c.frame(http2.FrameHeaders, http2.FlagHeadersEndHeaders, id, c.block.Len())
	c.output = append(c.output, c.block.Bytes()...)
	bytes := 5 + len(message)
	c.sendWindow -= bytes
	if bytes > frameBytesMost || c.sendWindow < 0 {
		log.Fatal("requests are larger than this client can send")
	}
	c.frame(http2.FrameData, http2.FlagDataEndStream, id, bytes)
	c.output = binary.BigEndian.AppendUint32(append(c.output, 0), uint32(len(message)))
	c.output = append(c.output, message...)
}

// encodeHead makes the header block of a call: what gRPC's own clients send.
func (c *connection) encodeHead(path string) {
	c.block.Reset()
	c.header(":method", "POST")
	c.header(":scheme", "http")
	c.header(":path", path)
	c.header(":authority", c.address)
	c.header("content-type", "application/grpc")
	c.header("user-agent", "krusty-load")
	c.header("te", "trailers")
	if !c.metadata {
		return
	}
	// What is left of ten seconds when a call is sent: never the same twice, as with gRPC's own clients.
	left := 9_999_000 + c.random.IntN(1000)
	c.header("grpc-timeout", strconv.Itoa(left)+"u")
	c.header("x-tenant", "bench")
	c.header("x-request-id", strconv.FormatUint(c.random.Uint64()|1<<63, 16))
}

func (c *connection) header(name, value string) {
	if err := c.encoder.WriteField(hpack.HeaderField{Name: name, Value: value}); err != nil {
		log.Fatal(err)
	}
}

// flush sends what was written. The mutex must be held.
func (c *connection) flush() {
	if len(c.output) == 0 {
		return
	}
	if _, err := c.socket.Write(c.output); err != nil {
		log.Fatal(err)
	}
	c.output = c.output[:0]
}

// read takes what comes until stop says that it is enough, which is asked whenever
// nothing more is there. What is written meanwhile is sent once for all that came together.
func (c *connection) read(stop func() bool) {
	for {
		if c.reader.Buffered() < 9 {
			c.mutex.Lock()
			c.flush()
			c.mutex.Unlock()
			if stop() {
				return
			}
		}
		head, err := c.reader.Peek(9)
		if err != nil {
			if stop() {
				return
			}
			log.Fatalf("the server ended a connection: %v", err)
		}
		length := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
		kind, flags := http2.FrameType(head[3]), http2.Flags(head[4])
		stream := binary.BigEndian.Uint32(head[5:])
		if _, err = c.reader.Discard(9); err == nil {
			var payload []byte
			if payload, err = c.reader.Peek(length); err == nil {
				c.take(kind, flags, stream, payload)
				_, err = c.reader.Discard(length)
			}
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

func (c *connection) take(kind http2.FrameType, flags http2.Flags, stream uint32, payload []byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	switch kind {
	case http2.FrameHeaders:
		c.takeHeaders(flags, stream, payload)
	case http2.FrameData:
		c.takeData(flags, stream, payload)
	case http2.FrameSettings:
		c.takeSettings(flags, payload)
	case http2.FramePing:
		if !flags.Has(http2.FlagPingAck) {
			c.frame(http2.FramePing, http2.FlagPingAck, 0, len(payload))
			c.output = append(c.output, payload...)
		}
	case http2.FrameWindowUpdate:
		if stream == 0 {
			c.sendWindow += int(binary.BigEndian.Uint32(payload))
		}
	default:
		log.Fatalf("the server sent %v, with %x", kind, payload)
	}
}

func (c *connection) takeHeaders(flags http2.Flags, stream uint32, payload []byte) {
	if !flags.Has(http2.FlagHeadersEndHeaders) || flags.Has(http2.FlagHeadersPadded) {
		log.Fatal("the server sent headers in a way that this client does not understand")
	}
	c.status = ""
	if _, err := c.decoder.Write(payload); err != nil {
		log.Fatal(err)
	}
	if err := c.decoder.Close(); err != nil {
		log.Fatal(err)
	}
	if !flags.Has(http2.FlagHeadersEndStream) {
		return
	}
	if c.status != "0" {
		log.Fatalf("a call ended with status %s, %s", c.status, c.trouble)
	}
	done, found := c.calls[stream]
	if !found || done.bytes < 5 {
		log.Fatal("a call ended without an answer")
	}
	delete(c.calls, stream)
	c.answered(done)
}

func (c *connection) takeData(flags http2.Flags, stream uint32, payload []byte) {
	if flags.Has(http2.FlagDataEndStream) {
		log.Fatal("a call ended without trailers")
	}
	under := c.calls[stream]
	under.bytes += len(payload)
	c.calls[stream] = under
	c.received += len(payload)
	if c.received >= windowBytes/2 {
		c.widenWindow(uint32(c.received))
		c.received = 0
	}
}

func (c *connection) takeSettings(flags http2.Flags, payload []byte) {
	if flags.Has(http2.FlagSettingsAck) {
		return
	}
	for ; len(payload) >= 6; payload = payload[6:] {
		if http2.SettingID(binary.BigEndian.Uint16(payload)) == http2.SettingHeaderTableSize {
			c.encoder.SetMaxDynamicTableSizeLimit(binary.BigEndian.Uint32(payload[2:]))
		}
	}
	c.frame(http2.FrameSettings, http2.FlagSettingsAck, 0, 0)
}
