package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/url"
	"strconv"
)

// sentEvents is a watch as server-sent events over HTTP/1.1: each watcher has a
// connection of its own. The writer speaks gRPC, as it does beside watchers over gRPC.
type sentEvents struct{ *rpcSubject }

func (s *sentEvents) follow(c *crowd, _ int) error {
	return eachConnection(c, len(c.followers), func(share []*follower) error {
		f := share[0]
		chunks, err := s.openEvents(c.context, f.key)
		if err != nil {
			return err
		}
		// The first id confirms the watch.
		for {
			chunk, err := chunks.next()
			if err != nil {
				return err
			}
			if bytes.Contains(chunk, []byte("\nid: ")) {
				go f.readEvents(chunks)
				return nil
			}
		}
	})
}

// openEvents answers a stream behind its headers.
func (s *sentEvents) openEvents(ctx context.Context, key string) (*chunkReader, error) {
	socket, err := dial(s.address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { socket.Close() })
	target := "/-/watch?values=base64&key=" + url.QueryEscape(key)
	if _, err := fmt.Fprintf(socket, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, s.address); err != nil {
		return nil, err
	}
	line, err := socket.expect("HTTP/1.1 200 ")
	for err == nil && len(line) > 0 {
		line, err = socket.line()
	}
	return &chunkReader{socket: socket}, err
}

// chunkReader reads a body that is sent in chunks; the server sends each message as one.
type chunkReader struct {
	socket *lineSocket
	buffer []byte
}

// next is the next chunk; it is valid until the one after it.
func (r *chunkReader) next() ([]byte, error) {
	line, err := r.socket.line()
	if err != nil {
		return nil, err
	}
	size, err := strconv.ParseUint(string(line), 16, 31)
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return r.socket.counted(int(size), &r.buffer)
}

// sentEvent is what is read of an event's data.
type sentEvent struct {
	Revision uint64 `json:"revision,string"`
	Value    []byte `json:"value"`
}

func (f *follower) readEvents(chunks *chunkReader) {
	for {
		chunk, err := chunks.next()
		if err != nil {
			f.crowd.fail(err)
			return
		}
		events := 0
		for line := range bytes.Lines(chunk) {
			if data, isData := bytes.CutPrefix(line, []byte("data: ")); isData {
				var event sentEvent
				if err := json.Unmarshal(data, &event); err != nil {
					log.Fatalf("the data of an event: %v", err)
				}
				f.take(event.Revision, len(event.Value))
				events++
			} else if bytes.HasPrefix(line, []byte("event: ")) && !bytes.Equal(line, []byte("event: put\n")) {
				log.Fatalf("%q, where only puts were made", line)
			}
		}
		if events > 0 {
			f.took(len(chunk), events)
		}
	}
}
