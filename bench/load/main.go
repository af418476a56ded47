// Calls for benchmarks: the same program against every server, and lighter than any of
// them, so that it is not the client that is measured.
//
//	load -protocol grpc|redis|memcached -calls get|put|touch|batch|mixed|reads … ADDRESS
//
// With -count it keeps as many calls under way as it may until so many are answered.
// With -rate each call has its moment, whatever became of those before, and its latency
// counts from that moment: a server that stands still makes all that fall due meanwhile
// slow, as it would for clients who know nothing of each other. With -bursts the moments
// of so many calls are one.
//
// It prints what came of it as JSON. A call that fails, or an answer that is not as it
// must be, ends it with a message: no figure comes from a run that went wrong.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"os"
	"time"
)

type options struct {
	address     string
	protocol    string
	calls       string
	connections int
	// Calls under way on a connection, at most.
	streams int
	// Closed loop: how many calls.
	count int
	// Open loop: calls a second, for how long, after how long of the same that is not counted.
	rate    float64
	seconds float64
	warmUp  float64
	// How many calls fall due at once.
	burst int
	// Keys there are, of which each call takes one at random; but put takes them in turn, so that all are there.
	keys int
	// The number of the first.
	from       int
	valueBytes int
	// Keys of a batch.
	batch int
	// Whether calls carry metadata and a deadline.
	metadata bool
}

// result is what came of a run.
type result struct {
	Calls int `json:"calls"`
	// Keys that were looked up, each of which was there.
	Lookups int     `json:"lookups"`
	Seconds float64 `json:"seconds"`
	// Open loop only, in microseconds.
	Latency *latency `json:"latencyUs,omitempty"`
}

func main() {
	log.SetFlags(0)
	o := readFlags()
	start := time.Now()
	var answer result
	switch {
	case o.protocol != "grpc":
		answer = runLines(o)
	case o.rate > 0:
		answer = runOpen(o)
	default:
		answer = runClosed(o)
	}
	if answer.Seconds == 0 {
		answer.Seconds = time.Since(start).Seconds()
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		log.Fatal(err)
	}
}

func readFlags() options {
	var o options
	flag.StringVar(&o.protocol, "protocol", "grpc", "grpc, redis or memcached")
	flag.StringVar(&o.calls, "calls", "get", "get, put, touch, batch, mixed or reads")
	flag.IntVar(&o.connections, "connections", 1, "")
	flag.IntVar(&o.streams, "streams", 1, "calls under way on a connection, at most")
	flag.IntVar(&o.count, "count", 0, "closed loop: so many calls")
	flag.Float64Var(&o.rate, "rate", 0, "open loop: so many calls a second")
	flag.Float64Var(&o.seconds, "seconds", 1, "open loop: for so long")
	flag.Float64Var(&o.warmUp, "warm-up", 0, "open loop: after so long that is not counted")
	flag.IntVar(&o.burst, "burst", 1, "open loop: so many calls fall due at once")
	flag.IntVar(&o.keys, "keys", 1, "")
	flag.IntVar(&o.from, "from", 0, "the number of the first key")
	flag.IntVar(&o.valueBytes, "value-bytes", 100, "")
	flag.IntVar(&o.batch, "batch", 10, "keys of a batch")
	flag.BoolVar(&o.metadata, "metadata", false, "calls carry metadata and a deadline")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: load FLAGS ADDRESS")
	}
	o.address = flag.Arg(0)
	return o
}
