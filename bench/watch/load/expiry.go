package main

import (
	"context"
	"log"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
)

const (
	kindPut    = 1
	kindExpire = 4
	// A bookmark says that nothing more is on its way.
	bookmarkNanos = 100_000_000
	keyDigits     = 12
	expiryMost    = 2 * time.Minute
)

// expiry is one watcher of a prefix whose keys all expire, and what it knows of each:
// a model of a correct client. A key is gone when its expiry came, or when a snapshot
// after a gap was complete without it.
type expiry struct {
	mutex sync.Mutex
	done  chan expired
	// By the key's number.
	isExpired, isGone, isListed []bool
	isInSnapshot                bool
	first                       time.Time
	counts                      expired
}

// expired is how the keys went.
type expired struct {
	// Keys whose expiry came as an event, and those that a snapshot showed to be gone before.
	ByEvent    int `json:"byEvent"`
	BySnapshot int `json:"bySnapshot"`
	// All events, listed entries among them.
	Events              int `json:"events"`
	Gaps                int `json:"gaps"`
	Messages            int `json:"messages"`
	LongestMessageBytes int `json:"longestMessageBytes"`
	// From the first expiry or gap until the last key was gone.
	Seconds float64 `json:"seconds"`
}

// expect opens the watch.
func expect(subject *rpcSubject, asked request) *expiry {
	e := &expiry{
		done:      make(chan expired, 1),
		isExpired: make([]bool, asked.Count),
		isGone:    make([]bool, asked.Count),
		isListed:  make([]bool, asked.Count),
	}
	watch := appendBytes(nil, 1, appendBytes(nil, 2, []byte(asked.Key)))
	watch = appendBytes(watch, 8, appendNumber(nil, 2, bookmarkNanos))
	watch = appendNumber(watch, 10, uint64(asked.MaxMessageBytes))
	stream, err := subject.openStream(context.Background(), connect(subject.address), watch)
	if err != nil {
		log.Fatal(err)
	}
	go e.read(stream)
	return e
}

func (e *expiry) wait() expired {
	select {
	case result := <-e.done:
		return result
	case <-time.After(expiryMost):
		e.mutex.Lock()
		defer e.mutex.Unlock()
		log.Fatalf("not all keys are gone: %+v", e.counts)
	}
	return expired{}
}

func (e *expiry) read(stream grpc.ClientStream) {
	var message []byte
	for {
		if err := stream.RecvMsg(&message); err != nil {
			log.Fatalf("the watcher's stream ended: %v", err)
		}
		e.mutex.Lock()
		isDone := e.take(message)
		e.mutex.Unlock()
		if isDone {
			e.done <- e.counts
			return
		}
	}
}

// take answers whether all is over: every key is gone, and a bookmark came behind that.
func (e *expiry) take(message []byte) bool {
	isAllGone := e.counts.ByEvent+e.counts.BySnapshot == len(e.isGone)
	if hasField(message, krustyBookmark) {
		return isAllGone
	}
	if e.first.IsZero() {
		e.first = time.Now()
	}
	e.counts.Messages++
	e.counts.LongestMessageBytes = max(e.counts.LongestMessageBytes, len(message))
	readKrusty(message, e.takeEvent)
	if hasField(message, krustyGap) {
		e.counts.Gaps++
		e.isInSnapshot = true
		clear(e.isListed)
	}
	if hasField(message, krustySnapshotEnd) {
		e.endSnapshot()
	}
	if !isAllGone {
		e.counts.Seconds = time.Since(e.first).Seconds()
	}
	return false
}

func (e *expiry) takeEvent(one event) {
	number := numberOfKey(one.key)
	e.counts.Events++
	switch {
	case one.kind == kindPut && one.isListed && e.isInSnapshot && !e.isGone[number]:
		e.isListed[number] = true
	case one.kind == kindExpire && !e.isExpired[number]:
		e.isExpired[number] = true
		// Its expiry may come after a snapshot that already left it out.
		if !e.isGone[number] {
			e.isGone[number] = true
			e.counts.ByEvent++
		}
	default:
		log.Fatalf("an event of kind %d on %s, listed %v, that cannot be", one.kind, one.key, one.isListed)
	}
}

// endSnapshot takes for gone what was there and was not listed.
func (e *expiry) endSnapshot() {
	if !e.isInSnapshot {
		log.Fatal("a snapshot ends that nothing had begun")
	}
	e.isInSnapshot = false
	for number := range e.isGone {
		if !e.isGone[number] && !e.isListed[number] {
			e.isGone[number] = true
			e.counts.BySnapshot++
		}
	}
}

// numberOfKey reads the digits at a key's end.
func numberOfKey(key []byte) int {
	if len(key) < keyDigits {
		log.Fatalf("the key %q has no number", key)
	}
	number, err := strconv.Atoi(string(key[len(key)-keyDigits:]))
	if err != nil {
		log.Fatalf("the key %q has no number", key)
	}
	return number
}
