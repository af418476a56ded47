package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	cachev1 "example.com/app/gen/krusty/cache/v1"
)

// watchForEver watches a few keys, reads for a while, sometimes stalls, leaves, and comes back with its token.
func watchForEver(number int) {
	var connection *grpc.ClientConn
	token := ""
	for round := 0; ; round++ {
		if round%10 == 0 {
			if connection != nil {
				connection.Close()
			}
			connection = connect()
		}
		next, err := watchOnce(connection, fmt.Sprintf("%d/%d", number%20, number%10), token)
		if err != nil {
			total.failed(err, false)
			time.Sleep(time.Second)
		}
		token = next
		total.Resumes.Add(1)
	}
}

// watchOnce answers the token to go on with. The end that it makes itself is no error.
func watchOnce(connection *grpc.ClientConn, prefix string, token string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(1+rand.IntN(20))*time.Second)
	defer cancel()
	total.InFlight.Add(1)
	defer total.InFlight.Add(-1)
	stream, err := cachev1.NewCacheServiceClient(connection).Watch(ctx, &cachev1.WatchRequest{
		Targets:      []*cachev1.WatchTarget{{Prefix: proto.String(prefix)}},
		ResumeToken:  token,
		InitialState: rand.IntN(4) == 0,
	})
	if err != nil {
		return token, endOf(err)
	}
	revision := uint64(0)
	for {
		message, err := stream.Recv()
		if err != nil {
			return token, endOf(err)
		}
		token = message.ResumeToken
		if message.GetGap() != nil {
			total.Gaps.Add(1)
		}
		for _, event := range message.GetEvents().GetEvents() {
			total.Events.Add(1)
			if event.Listed {
				continue
			}
			if event.Revision < revision {
				return token, fmt.Errorf("a watch went back, from revision %d", revision-event.Revision)
			}
			revision = event.Revision
		}
		if rand.IntN(2000) == 0 {
			time.Sleep(time.Duration(rand.IntN(5000)) * time.Millisecond)
		}
	}
}

// endOf is nil where the deadline of the watch has passed, which is how it is to end.
func endOf(err error) error {
	if status.Code(err) == codes.DeadlineExceeded {
		return nil
	}
	return err
}
