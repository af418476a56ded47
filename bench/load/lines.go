package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
)

// Redis and memcached speak lines of text and counted bytes. Each connection sends one
// request and waits for its answer; puts go a hundred at a time, since they are only
// there to fill.

const pipelined = 100

// lineClient is one connection of theirs.
type lineClient struct {
	*writer
	socket net.Conn
	reader *bufio.Reader
	output []byte
}

func runLines(o options) result {
	var begun, lookups atomic.Int64
	var all sync.WaitGroup
	for number := range o.connections {
		all.Go(func() {
			socket, err := net.Dial("tcp", o.address)
			if err != nil {
				log.Fatal(err)
			}
			defer socket.Close()
			c := &lineClient{newWriter(o, number), socket, bufio.NewReaderSize(socket, 64<<10), nil}
			if o.calls == "put" {
				c.fill(&begun)
			} else {
				c.keepAsking(&begun)
			}
			lookups.Add(int64(c.lookups))
		})
	}
	all.Wait()
	return result{Calls: o.count, Lookups: int(lookups.Load())}
}

func (c *lineClient) keepAsking(begun *atomic.Int64) {
	keys := 1
	if c.calls == "batch" {
		keys = c.batch
	}
	for begun.Add(1) <= int64(c.count) {
		if c.protocol == "redis" {
			c.askRedis(keys)
		} else {
			c.askMemcached(keys)
		}
		c.lookups += keys
	}
}

func (c *lineClient) fill(begun *atomic.Int64) {
	for {
		from := int(begun.Add(pipelined)) - pipelined
		to := min(from+pipelined, c.count)
		if from >= to {
			return
		}
		c.output = c.output[:0]
		for number := from; number < to; number++ {
			c.appendPut(c.from + number%c.keys)
		}
		c.write()
		for range to - from {
			if line := c.line(); string(line) != "+OK" && string(line) != "STORED" {
				log.Fatalf("%q where a put was to be confirmed", line)
			}
		}
	}
}

func (c *lineClient) appendPut(number int) {
	if c.protocol == "redis" {
		c.output = append(c.output, "*3\r\n$3\r\nSET\r\n"...)
		c.appendRedisKey(number)
		c.output = fmt.Appendf(c.output, "$%d\r\n", len(c.value))
	} else {
		c.output = appendKey(append(c.output, "set "...), number)
		c.output = fmt.Appendf(c.output, " 0 0 %d\r\n", len(c.value))
	}
	c.output = append(append(c.output, c.value...), '\r', '\n')
}

func (c *lineClient) appendRedisKey(number int) {
	c.output = append(c.output, "$16\r\n"...)
	c.output = append(appendKey(c.output, number), '\r', '\n')
}

// askRedis sends GET, or MGET of so many keys.
func (c *lineClient) askRedis(keys int) {
	if keys == 1 {
		c.output = append(c.output[:0], "*2\r\n$3\r\nGET\r\n"...)
	} else {
		c.output = fmt.Appendf(c.output[:0], "*%d\r\n$4\r\nMGET\r\n", 1+keys)
	}
	for range keys {
		c.appendRedisKey(c.anyKey())
	}
	c.write()
	if keys > 1 {
		c.expect("*" + strconv.Itoa(keys))
	}
	for range keys {
		c.expect("$" + strconv.Itoa(c.valueBytes))
		c.skipValue()
	}
}

// askMemcached sends a get of so many keys, and sees that each is answered. It may have
// drawn one twice, which is then answered twice.
func (c *lineClient) askMemcached(keys int) {
	c.output = append(c.output[:0], "get"...)
	for range keys {
		c.output = appendKey(append(c.output, ' '), c.anyKey())
	}
	c.output = append(c.output, '\r', '\n')
	c.write()
	for range keys {
		if line := c.line(); !bytes.HasPrefix(line, []byte("VALUE ")) {
			log.Fatalf("%q where a value was expected", line)
		}
		c.skipValue()
	}
	c.expect("END")
}

func (c *lineClient) write() {
	if _, err := c.socket.Write(c.output); err != nil {
		log.Fatal(err)
	}
}

// line is the next line without its end; it is good until the next read.
func (c *lineClient) line() []byte {
	text, err := c.reader.ReadSlice('\n')
	if err != nil {
		log.Fatal(err)
	}
	return bytes.TrimRight(text, "\r\n")
}

func (c *lineClient) expect(wanted string) {
	if line := c.line(); string(line) != wanted {
		log.Fatalf("%q where %q was expected", line, wanted)
	}
}

func (c *lineClient) skipValue() {
	if _, err := io.CopyN(io.Discard, c.reader, int64(c.valueBytes+2)); err != nil {
		log.Fatal(err)
	}
}
