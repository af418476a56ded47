package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// Redis and NATS speak lines of text and counted bytes over a socket. Neither numbers
// what it delivers, so the number in the value stands for a revision.

// lineSocket is one connection of theirs.
type lineSocket struct {
	net.Conn
	reader *bufio.Reader
}

func dial(address string) (*lineSocket, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &lineSocket{connection, bufio.NewReader(connection)}, nil
}

// line is the next line without its end; it is valid until the next read.
func (s *lineSocket) line() ([]byte, error) {
	text, err := s.reader.ReadSlice('\n')
	return bytes.TrimRight(text, "\r\n"), err
}

// expect reads a line that must begin so.
func (s *lineSocket) expect(start string) ([]byte, error) {
	text, err := s.line()
	if err == nil && !bytes.HasPrefix(text, []byte(start)) {
		err = fmt.Errorf("%q where %q was expected", text, start)
	}
	return text, err
}

// counted reads so many bytes and the end of a line, into a buffer that is used again.
func (s *lineSocket) counted(size int, buffer *[]byte) ([]byte, error) {
	if cap(*buffer) < size+2 {
		*buffer = make([]byte, size+2)
	}
	_, err := io.ReadFull(s.reader, (*buffer)[:size+2])
	return (*buffer)[:size], err
}

// deliver notes a value that came.
func (f *follower) deliver(value []byte) {
	f.take(binary.BigEndian.Uint64(value), len(value))
	f.took(len(value), 1)
}

// lineWriter sends one request at a time and waits for its answer.
type lineWriter struct {
	mutex  sync.Mutex
	socket *lineSocket
}

// redis is PUBLISH and SUBSCRIBE: a subscriber has a connection of its own.
type redis struct {
	address string
	lineWriter
}

func newRedis(address string) *redis { return &redis{address: address} }

func (r *redis) put(key string, value []byte) (err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.socket == nil {
		if r.socket, err = dial(r.address); err != nil {
			return err
		}
	}
	request := fmt.Appendf(nil, "*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%d\r\n", len(key), key, len(value))
	if _, err = r.socket.Write(append(append(request, value...), '\r', '\n')); err != nil {
		return err
	}
	_, err = r.socket.expect(":")
	return err
}

func (r *redis) follow(c *crowd, _ int) error {
	return eachConnection(c, len(c.followers), func(share []*follower) error {
		f := share[0]
		socket, err := dial(r.address)
		if err != nil {
			return err
		}
		context.AfterFunc(c.context, func() { socket.Close() })
		if _, err := fmt.Fprintf(socket, "*2\r\n$9\r\nSUBSCRIBE\r\n$%d\r\n%s\r\n", len(f.key), f.key); err != nil {
			return err
		}
		for _, start := range []string{"*3", "$9", "subscribe", "$", f.key, ":1"} {
			if _, err := socket.expect(start); err != nil {
				return err
			}
		}
		go f.readRedis(socket)
		return nil
	})
}

func (f *follower) readRedis(socket *lineSocket) {
	var buffer []byte
	for {
		value, err := nextOfRedis(socket, f.key, &buffer)
		if err != nil {
			f.crowd.fail(err)
			return
		}
		f.deliver(value)
	}
}

// nextOfRedis reads an array of three: "message", the channel, the value.
func nextOfRedis(socket *lineSocket, key string, buffer *[]byte) ([]byte, error) {
	for _, start := range []string{"*3", "$7", "message", "$", key} {
		if _, err := socket.expect(start); err != nil {
			return nil, err
		}
	}
	length, err := socket.expect("$")
	if err != nil {
		return nil, err
	}
	size, err := strconv.Atoi(string(length[1:]))
	if err != nil {
		return nil, err
	}
	return socket.counted(size, buffer)
}

// nats is PUB and SUB: the subscribers of a connection each have a number.
type nats struct {
	address string
	lineWriter
}

func newNATS(address string) *nats { return &nats{address: address} }

// dialNATS connects and waits until the server has taken it.
func dialNATS(address string) (*lineSocket, error) {
	socket, err := dial(address)
	if err != nil {
		return nil, err
	}
	if _, err := socket.expect("INFO"); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(socket, "CONNECT {\"verbose\":false}\r\nPING\r\n"); err != nil {
		return nil, err
	}
	_, err = socket.expect("PONG")
	return socket, err
}

// put publishes, and asks for a PONG: the server answers in order, so it has the message then.
func (n *nats) put(key string, value []byte) (err error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.socket == nil {
		if n.socket, err = dialNATS(n.address); err != nil {
			return err
		}
	}
	request := fmt.Appendf(nil, "PUB %s %d\r\n", key, len(value))
	if _, err = n.socket.Write(append(append(request, value...), "\r\nPING\r\n"...)); err != nil {
		return err
	}
	return n.awaitPong()
}

func (n *nats) awaitPong() error {
	for {
		text, err := n.socket.line()
		switch {
		case err != nil:
			return err
		case string(text) == "PONG":
			return nil
		case string(text) == "PING":
			if _, err := io.WriteString(n.socket, "PONG\r\n"); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%q where PONG was expected", text)
		}
	}
}

func (n *nats) follow(c *crowd, connections int) error {
	return eachConnection(c, connections, func(share []*follower) error {
		socket, err := dialNATS(n.address)
		if err != nil {
			return err
		}
		context.AfterFunc(c.context, func() { socket.Close() })
		for number, f := range share {
			if _, err := fmt.Fprintf(socket, "SUB %s %d\r\n", f.key, number); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(socket, "PING\r\n"); err != nil {
			return err
		}
		if _, err := socket.expect("PONG"); err != nil {
			return err
		}
		go readNATS(socket, c, share)
		return nil
	})
}

func readNATS(socket *lineSocket, c *crowd, share []*follower) {
	var buffer []byte
	for {
		if err := nextOfNATS(socket, share, &buffer); err != nil {
			c.fail(err)
			return
		}
	}
}

// nextOfNATS reads a line `MSG subject number size` and the value; or a PING, which it answers.
func nextOfNATS(socket *lineSocket, share []*follower, buffer *[]byte) error {
	text, err := socket.line()
	if err != nil {
		return err
	}
	if string(text) == "PING" {
		_, err := io.WriteString(socket, "PONG\r\n")
		return err
	}
	words := strings.Fields(string(text))
	if len(words) != 4 || words[0] != "MSG" {
		return fmt.Errorf("%q where MSG was expected", text)
	}
	number, err := strconv.Atoi(words[2])
	if err != nil || number >= len(share) {
		return fmt.Errorf("%q has no subscriber's number", text)
	}
	size, err := strconv.Atoi(words[3])
	if err != nil {
		return err
	}
	value, err := socket.counted(size, buffer)
	if err != nil {
		return err
	}
	share[number].deliver(value)
	return nil
}
