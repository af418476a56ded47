package main

import (
	"encoding/binary"
	"fmt"
	"log"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// load is how the writer writes.
type load struct {
	// At least one of the two says when it ends.
	Puts    uint64  `json:"puts"`
	Seconds float64 `json:"seconds"`
	// 0: as fast as it goes.
	PerSecond float64 `json:"perSecond"`
	// How many puts may be on their way at once; 1 is a writer that waits for each answer.
	UnderWay   int `json:"underWay"`
	ValueBytes int `json:"valueBytes"`
	// Written in turn; with more than one, each key is Key and a number.
	Keys uint64 `json:"keys"`
	// Whether the latency of the events is wanted; only where a put is on its way alone.
	Timed bool `json:"timed"`
}

type written struct {
	Puts uint64 `json:"puts"`
	// Until the last put was answered, and until the last event was there.
	WriteSeconds float64 `json:"writeSeconds"`
	Seconds      float64 `json:"seconds"`
	// Of all watchers together, in this run.
	Events   uint64 `json:"events"`
	Messages uint64 `json:"messages"`
	// The longest so far.
	LongestMessageBytes int `json:"longestMessageBytes"`
	// Where it was wanted: from the begin of the put, the 99th percentile of the watcher for whom that is most.
	SlowestP99Us float64 `json:"slowestP99Us,omitempty"`
}

// writer counts what it writes; a value begins with its number.
type writer struct {
	subject subject
	number  atomic.Uint64
	// Told when a put begins; may be nil.
	begins func()
}

func (s *session) write(asked request) written {
	follows := s.crowd != nil && s.crowd.key == asked.Key
	var before count
	if follows {
		before = s.crowd.count()
		s.crowd.valueBytes.Store(int64(asked.ValueBytes))
		s.crowd.timed.Store(asked.Timed)
		s.writer.begins = func() { s.crowd.putAt.Store(time.Now().UnixNano()) }
	}
	start := time.Now()
	puts := s.writer.run(asked.Key, asked.load)
	result := written{Puts: puts, WriteSeconds: time.Since(start).Seconds()}
	if follows {
		each := before.events/uint64(len(s.crowd.followers)) + puts
		s.crowd.await(each)
		after := s.crowd.count()
		result.Events = after.events - before.events
		result.Messages = after.messages - before.messages
		result.LongestMessageBytes = after.longest
		if asked.Timed {
			result.SlowestP99Us = s.crowd.slowest()
		}
	}
	result.Seconds = time.Since(start).Seconds()
	return result
}

// run writes until the load is done, and answers how many puts that were.
func (w *writer) run(key string, load load) uint64 {
	start := time.Now()
	end := start.Add(time.Duration(math.MaxInt64))
	if load.Seconds > 0 {
		end = start.Add(time.Duration(load.Seconds * float64(time.Second)))
	}
	var begun, done atomic.Uint64
	var all sync.WaitGroup
	for range max(1, load.UnderWay) {
		all.Go(func() {
			value := make([]byte, load.ValueBytes)
			for {
				turn := begun.Add(1) - 1
				due := start
				if load.PerSecond > 0 {
					due = start.Add(time.Duration(float64(turn) / load.PerSecond * float64(time.Second)))
					time.Sleep(time.Until(due))
				}
				if (load.Puts > 0 && turn >= load.Puts) || !time.Now().Before(end) {
					return
				}
				w.put(keyOf(key, turn, load.Keys), value)
				done.Add(1)
			}
		})
	}
	all.Wait()
	return done.Load()
}

func keyOf(key string, turn, keys uint64) string {
	if keys <= 1 {
		return key
	}
	return fmt.Sprintf("%s%d", key, turn%keys)
}

func (w *writer) put(key string, value []byte) {
	binary.BigEndian.PutUint64(value, w.number.Add(1))
	if w.begins != nil {
		w.begins()
	}
	if err := w.subject.put(key, value); err != nil {
		log.Fatalf("put of %s: %v", key, err)
	}
}
