package main

import (
	"context"
	"fmt"
	"log"
	"slices"
	"sync/atomic"
	"time"
)

// Without any delivery for so long, what is missing will not come.
const patience = 20 * time.Second

// follower is one watcher, and what came to it. Only its own reader writes to it.
type follower struct {
	crowd *crowd
	key   string
	// The mark of the last event: its revision, or the number in its value where the
	// server has no revisions. It must rise with each.
	mark     uint64
	events   uint64
	messages uint64
	longest  int
	// From when the put began until the event was here, where that is asked for.
	latencies []time.Duration
}

// take notes one event.
func (f *follower) take(mark uint64, valueBytes int) {
	if f.crowd.idle {
		log.Fatalf("an event on %s, which nobody wrote", f.key)
	}
	if mark <= f.mark {
		log.Fatalf("an event of %s with revision %d came after %d", f.key, mark, f.mark)
	}
	if valueBytes != int(f.crowd.valueBytes.Load()) {
		log.Fatalf("an event of %s has a value of %d bytes", f.key, valueBytes)
	}
	f.mark = mark
	f.events++
	if f.crowd.timed.Load() {
		f.latencies = append(f.latencies, time.Duration(time.Now().UnixNano()-f.crowd.putAt.Load()))
	}
}

// took notes that a message of so many bytes is read, with so many events in it.
func (f *follower) took(bytes, events int) {
	f.messages++
	f.longest = max(f.longest, bytes)
	f.crowd.delivered.Add(uint64(events))
}

// crowd is all the followers that were opened together.
type crowd struct {
	followers []*follower
	// What they watch, or what their keys begin with.
	key string
	// Whether they watch keys that nobody writes.
	idle       bool
	delivered  atomic.Uint64
	valueBytes atomic.Int64
	// Whether latencies are wanted, and when the put that is under way began.
	timed   atomic.Bool
	putAt   atomic.Int64
	context context.Context
	cancel  context.CancelFunc
}

func openCrowd(subject subject, asked request) *crowd {
	c := &crowd{key: asked.Key, idle: asked.OwnKeys}
	c.context, c.cancel = context.WithCancel(context.Background())
	for number := range asked.Watchers {
		key := asked.Key
		if asked.OwnKeys {
			key = fmt.Sprintf("%s%d", asked.Key, number)
		}
		c.followers = append(c.followers, &follower{crowd: c, key: key})
	}
	if err := subject.follow(c, asked.Connections); err != nil {
		log.Fatal(err)
	}
	return c
}

func (c *crowd) close() { c.cancel() }

// fail ends the program, unless the crowd was closed and its streams had to end.
func (c *crowd) fail(err error) {
	if c.context.Err() == nil {
		log.Fatalf("a watcher's stream ended: %v", err)
	}
}

// count is what came to all of a crowd so far.
type count struct {
	events, messages uint64
	longest          int
}

func (c *crowd) count() count {
	var sum count
	for _, f := range c.followers {
		sum.events += f.events
		sum.messages += f.messages
		sum.longest = max(sum.longest, f.longest)
	}
	return sum
}

// slowest is the 99th percentile of the latencies of the follower for whom that is most,
// in microseconds. All is forgotten by that.
func (c *crowd) slowest() float64 {
	var slowest time.Duration
	for _, f := range c.followers {
		slices.Sort(f.latencies)
		slowest = max(slowest, f.latencies[len(f.latencies)*99/100])
		f.latencies = nil
	}
	return float64(slowest.Nanoseconds()) / 1000
}

// await waits until each follower has had so many events in all.
func (c *crowd) await(each uint64) {
	expected := each * uint64(len(c.followers))
	last, since := uint64(0), time.Now()
	for {
		delivered := c.delivered.Load()
		if delivered >= expected {
			break
		}
		if delivered > last {
			last, since = delivered, time.Now()
		} else if time.Since(since) > patience {
			log.Fatalf("%d of %d deliveries are missing", expected-delivered, expected)
		}
		time.Sleep(200 * time.Microsecond)
	}
	for _, f := range c.followers {
		if f.events != each {
			log.Fatalf("a watcher had %d events, not %d", f.events, each)
		}
	}
}
