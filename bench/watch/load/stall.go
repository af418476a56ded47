package main

import (
	"context"
	"encoding/binary"
	"log"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// A watcher that stops reading: its socket is not read, so that TCP's window closes. The
// windows of HTTP/2 are so large that they do not close before.

const (
	socketBufferBytes = 64 << 10
	rpcWindowBytes    = 1 << 30
)

type stalled struct {
	// Closed while it is locked.
	gate   sync.Mutex
	mutex  sync.Mutex
	counts resumed
	// The revision of the last change, and the greatest number in a value.
	revision, number uint64
	context          context.Context
	cancel           context.CancelFunc
}

// resumed is what came to a watcher that had stalled, after all.
type resumed struct {
	Events       int `json:"events"`
	Gaps         int `json:"gaps"`
	SnapshotEnds int `json:"snapshotEnds"`
}

// stall opens a watcher of these keys on a connection of its own, and closes its gate.
func stall(subject *rpcSubject, keys ...string) *stalled {
	s := &stalled{}
	s.context, s.cancel = context.WithCancel(context.Background())
	connection := connect(subject.address,
		grpc.WithInitialWindowSize(rpcWindowBytes),
		grpc.WithInitialConnWindowSize(rpcWindowBytes),
		grpc.WithContextDialer(s.dial))
	stream, err := subject.openStream(s.context, connection, watchKeys(keys...))
	if err != nil {
		log.Fatal(err)
	}
	context.AfterFunc(s.context, func() { connection.Close() })
	go s.read(stream)
	s.gate.Lock()
	return s
}

func (s *stalled) dial(ctx context.Context, address string) (net.Conn, error) {
	socket, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return gatedSocket{socket, &s.gate}, socket.(*net.TCPConn).SetReadBuffer(socketBufferBytes)
}

// gatedSocket passes a gate before each read.
type gatedSocket struct {
	net.Conn
	gate *sync.Mutex
}

func (s gatedSocket) Read(into []byte) (int, error) {
	s.gate.Lock()
	s.gate.Unlock()
	return s.Conn.Read(into)
}

func (s *stalled) read(stream grpc.ClientStream) {
	var message []byte
	for {
		err := stream.RecvMsg(&message)
		if s.context.Err() != nil {
			return
		}
		if err != nil {
			log.Fatalf("the stalled watcher's stream ended: %v", err)
		}
		s.mutex.Lock()
		readKrusty(message, func(e event) {
			s.counts.Events++
			s.number = max(s.number, binary.BigEndian.Uint64(e.value))
			// A snapshot lists its entries in any order.
			if e.isListed {
				return
			}
			if e.revision <= s.revision {
				log.Fatalf("the stalled watcher had revision %d after %d", e.revision, s.revision)
			}
			s.revision = e.revision
		})
		if hasField(message, krustyGap) {
			s.counts.Gaps++
		}
		if hasField(message, krustySnapshotEnd) {
			s.counts.SnapshotEnds++
		}
		s.mutex.Unlock()
	}
}

// resume opens the gate, and waits until the value with this number has come and each
// gap has been healed. Then it ends the watch.
func (s *stalled) resume(number uint64) resumed {
	defer s.cancel()
	s.gate.Unlock()
	for start := time.Now(); time.Since(start) < patience; time.Sleep(time.Millisecond) {
		s.mutex.Lock()
		counts, done := s.counts, s.number == number && s.counts.SnapshotEnds == s.counts.Gaps
		s.mutex.Unlock()
		if done {
			return counts
		}
	}
	log.Fatalf("the stalled watcher did not come to the value %d", number)
	return resumed{}
}
