// Watchers and a writer for benchmarks of fan-out: the same program against every
// server, so that the client's side is the same work.
//
//	watch-load krusty|events|etcd|etcd-shared|health|redis|nats ADDRESS
//
// It is told one line of JSON at a time and answers each with one. Whatever is not as
// it must be (an event lost, twice or out of order, a stream that ends) ends the
// program with a message on stderr: no figure comes from a run that went wrong.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
)

type request struct {
	// open, write, close; stall and resume; expect and expired.
	Do string `json:"do"`

	// open: how many watchers over how many connections, of which key. With OwnKeys each
	// watches a key of its own, which begins with Key and is not written.
	// stall: Key, and another one that it watches too.
	Watchers    int    `json:"watchers"`
	Connections int    `json:"connections"`
	Key         string `json:"key"`
	OwnKeys     bool   `json:"ownKeys"`
	AlsoKey     string `json:"alsoKey"`

	// write: Key again, and the rest as in `load`.
	load

	// expect: how many keys that begin with Key are about to expire, and how large a
	// message may be.
	Count           int `json:"count"`
	MaxMessageBytes int `json:"maxMessageBytes"`
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: watch-load SUBJECT ADDRESS")
	}
	session := newSession(os.Args[1], os.Args[2])
	lines := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			log.Fatal(err)
		}
		if err := answers.Encode(session.answer(asked)); err != nil {
			log.Fatal(err)
		}
	}
}

// session is what lives from one request to the next.
type session struct {
	subject subject
	crowd   *crowd
	writer  *writer
	stalled *stalled
	expiry  *expiry
}

func newSession(name, address string) *session {
	subject := newSubject(name, address)
	return &session{subject: subject, writer: &writer{subject: subject}}
}

func (s *session) answer(asked request) any {
	switch asked.Do {
	case "open":
		s.crowd = openCrowd(s.subject, asked)
		return struct{}{}
	case "write":
		return s.write(asked)
	case "close":
		s.crowd.close()
		s.crowd = nil
		return struct{}{}
	case "stall":
		s.stalled = stall(s.subject.(*rpcSubject), asked.Key, asked.AlsoKey)
		return struct{}{}
	case "resume":
		return s.stalled.resume(s.writer.number.Load())
	case "expect":
		s.expiry = expect(s.subject.(*rpcSubject), asked)
		return struct{}{}
	case "expired":
		return s.expiry.wait()
	}
	log.Fatalf("there is no request %q", asked.Do)
	return nil
}
