package main

import (
	"sync"
	"sync/atomic"
	"time"
)

// runClosed keeps as many calls under way as it may, until all are answered.
func runClosed(o options) result {
	var begun, lookups atomic.Int64
	var all sync.WaitGroup
	for number := range o.connections {
		all.Go(func() { lookups.Add(int64(keepBusy(o, number, &begun))) })
	}
	all.Wait()
	return result{Calls: o.count, Lookups: int(lookups.Load())}
}

// keepBusy has one connection's share, and answers how many keys it looked up.
func keepBusy(o options, number int, begun *atomic.Int64) int {
	var c *connection
	sendNext := func() {
		if number := int(begun.Add(1)) - 1; number < o.count {
			c.send(number, time.Time{})
		}
	}
	c = connect(o, number, func(call) { sendNext() })
	for range o.streams {
		sendNext()
	}
	c.read(func() bool { return len(c.calls) == 0 })
	c.socket.Close()
	return c.writer.lookups
}
