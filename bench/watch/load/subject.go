package main

import "log"

// subject is a server as a load sees it.
type subject interface {
	// follow starts all followers of a crowd over so many connections, and returns when the
	// server has confirmed each. From then on every event comes to them.
	follow(c *crowd, connections int) error
	// put writes or publishes one value, and returns when the server has answered.
	put(key string, value []byte) error
}

func newSubject(name, address string) subject {
	switch name {
	case "krusty", "health", "etcd":
		return newRPCSubject(contracts[name], address)
	case "etcd-shared":
		return &sharedStreams{newRPCSubject(contracts["etcd"], address)}
	case "events":
		return &sentEvents{newRPCSubject(contracts["krusty"], address)}
	case "redis":
		return newRedis(address)
	case "nats":
		return newNATS(address)
	}
	log.Fatalf("there is no subject %q", name)
	return nil
}

// eachConnection calls begin for each connection's share of the followers, all at once,
// and answers the first error.
func eachConnection(c *crowd, connections int, begin func(share []*follower) error) error {
	results := make(chan error, connections)
	for index := range connections {
		from, to := index*len(c.followers)/connections, (index+1)*len(c.followers)/connections
		go func() { results <- begin(c.followers[from:to]) }()
	}
	for range connections {
		if err := <-results; err != nil {
			return err
		}
	}
	return nil
}
