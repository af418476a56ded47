package main

import (
	"log"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// latency is below what so many of the calls stayed, in microseconds.
type latency struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Most float64 `json:"most"`
}

// lane is one connection with what came of its calls.
type lane struct {
	*connection
	// Numbers and moments of calls that are due and wait for a stream. Guarded by the connection's mutex.
	waiting   []dueCall
	counted   time.Time
	latencies []time.Duration
}

type dueCall struct {
	number int
	due    time.Time
}

// runOpen sends each call at its moment, and measures from there.
func runOpen(o options) result {
	// A thread that sleeps until the next moment, and one for what comes.
	runtime.GOMAXPROCS(2)
	start := time.Now().Add(50 * time.Millisecond)
	counted := start.Add(time.Duration(o.warmUp * float64(time.Second)))
	calls := int(o.rate * (o.warmUp + o.seconds))
	var answered atomic.Int64
	done := make(chan struct{})
	lanes := make([]*lane, o.connections)
	var readers sync.WaitGroup
	for number := range lanes {
		one := &lane{counted: counted}
		one.connection = connect(o, number, func(ended call) {
			one.note(ended)
			if answered.Add(1) == int64(calls) {
				close(done)
			}
		})
		lanes[number] = one
		readers.Go(func() {
			one.read(func() bool { return answered.Load() == int64(calls) })
		})
	}
	sendInTime(o, lanes, start, calls)
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		log.Fatalf("%d calls are not answered", calls-int(answered.Load()))
	}
	seconds := time.Since(counted).Seconds()
	var latencies []time.Duration
	lookups := 0
	for _, one := range lanes {
		one.socket.Close()
		latencies = append(latencies, one.latencies...)
		lookups += one.writer.lookups
	}
	readers.Wait()
	return result{Calls: calls, Lookups: lookups, Seconds: seconds, Latency: summarize(latencies)}
}

// note takes the latency of a call, and sends one that waits in its place. The mutex is held.
func (l *lane) note(ended call) {
	if !ended.due.Before(l.counted) {
		l.latencies = append(l.latencies, time.Since(ended.due))
	}
	if len(l.waiting) > 0 {
		next := l.waiting[0]
		l.waiting = l.waiting[1:]
		l.send(next.number, next.due)
	}
}

// sendInTime sends the calls at their moments, on one connection after the other.
func sendInTime(o options, lanes []*lane, start time.Time, calls int) {
	runtime.LockOSThread()
	for number := 0; number < calls; {
		due := start.Add(time.Duration(float64(number/o.burst*o.burst) / o.rate * float64(time.Second)))
		sleepUntil(due)
		// All that fell due while it slept goes together.
		now := time.Now()
		for ; number < calls && !due.After(now); number++ {
			due = start.Add(time.Duration(float64(number/o.burst*o.burst) / o.rate * float64(time.Second)))
			if due.After(now) {
				break
			}
			lanes[number%len(lanes)].begin(number, due, o.streams)
		}
		for _, one := range lanes {
			one.mutex.Lock()
			one.flush()
			one.mutex.Unlock()
		}
	}
}

// begin writes a call if a stream is free for it.
func (l *lane) begin(number int, due time.Time, streams int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.calls) < streams {
		l.send(number, due)
	} else {
		l.waiting = append(l.waiting, dueCall{number, due})
	}
}

// sleepUntil asks the system itself: Go's own timers are late by up to a millisecond.
func sleepUntil(due time.Time) {
	for left := time.Until(due); left > 0; left = time.Until(due) {
		span := syscall.NsecToTimespec(left.Nanoseconds())
		if err := syscall.Nanosleep(&span, nil); err != nil && err != syscall.EINTR {
			log.Fatal(err)
		}
	}
}

func summarize(latencies []time.Duration) *latency {
	if len(latencies) == 0 {
		log.Fatal("no call was counted")
	}
	slices.Sort(latencies)
	at := func(share float64) float64 {
		return float64(latencies[int(share*float64(len(latencies)-1))].Nanoseconds()) / 1000
	}
	return &latency{P50: at(0.5), P90: at(0.9), P99: at(0.99), P999: at(0.999), Most: at(1)}
}
