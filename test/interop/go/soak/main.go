// A load that goes on for long and does what clients do: it calls at a steady rate, gives
// up calls, has deadlines that pass, connects and disconnects, cuts connections off, and
// watches, stalls and resumes. It finds out how much it can call at most, and calls at
// 70 % of that. For each line on standard input it says, in a line of JSON, what there
// was so far; it ends when its input does.
//
//	go run ./soak localhost:7070
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const (
	connections   = 8
	callersOfEach = 16
	churners      = 4
	watchers      = 50
	share         = 0.7
	warmUp        = 2 * time.Second
	peakLasts     = 8 * time.Second
)

// counts is what the parent is told.
type counts struct {
	Calls    atomic.Int64
	InFlight atomic.Int64
	Events   atomic.Int64
	Gaps     atomic.Int64
	Resumes  atomic.Int64
	Connects atomic.Int64

	lock sync.Mutex
	// asked has the errors that were provoked, unasked all others, by kind.
	asked, unasked map[string]int
}

var (
	address string
	total   = counts{asked: map[string]int{}, unasked: map[string]int{}}
)

// failed counts an error: a provoked one by its code, another with its words.
func (c *counts) failed(err error, provoked bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if provoked {
		c.asked[status.Code(err).String()]++
		return
	}
	c.unasked[err.Error()]++
}

func (c *counts) report(rate float64) string {
	c.lock.Lock()
	defer c.lock.Unlock()
	line, _ := json.Marshal(map[string]any{
		"rate": rate, "calls": c.Calls.Load(), "inFlight": c.InFlight.Load(), "events": c.Events.Load(),
		"gaps": c.Gaps.Load(), "resumes": c.Resumes.Load(), "connects": c.Connects.Load(),
		"asked": c.asked, "unasked": c.unasked,
	})
	return string(line)
}

func connect(options ...grpc.DialOption) *grpc.ClientConn {
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	connection, err := grpc.NewClient(address, options...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	total.Connects.Add(1)
	return connection
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: soak ADDRESS")
		os.Exit(2)
	}
	address = os.Args[1]
	pace := &pace{}
	for range connections {
		connection := connect()
		for range callersOfEach {
			go callForEver(connection, pace)
		}
	}
	time.Sleep(warmUp)
	before := total.Calls.Load()
	time.Sleep(peakLasts)
	rate := share * float64(total.Calls.Load()-before) / peakLasts.Seconds()
	pace.set(rate / (connections * callersOfEach))
	for range churners {
		go churnForEver()
	}
	for number := range watchers {
		go watchForEver(number)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(total.report(rate))
	}
}

// pace lets each caller go on as often as it shall; without a rate, at once.
type pace struct{ interval atomic.Int64 }

func (p *pace) set(perSecond float64) { p.interval.Store(int64(float64(time.Second) / perSecond)) }

// next waits until it is time for the call behind the one at `last`.
func (p *pace) next(last time.Time) time.Time {
	interval := time.Duration(p.interval.Load())
	due := last.Add(interval)
	left := time.Until(due)
	// Who fell behind by much does not catch up in a burst.
	if interval == 0 || left < -time.Second {
		return time.Now()
	}
	time.Sleep(left)
	return due
}
