package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
)

const openMost = 60 * time.Second

// rpcSubject is a server that speaks gRPC: one stream for each watcher.
type rpcSubject struct {
	contract
	address string
	// The writer's own connection.
	writer *grpc.ClientConn
}

func newRPCSubject(contract contract, address string) *rpcSubject {
	return &rpcSubject{contract: contract, address: address, writer: connect(address)}
}

func connect(address string, more ...grpc.DialOption) *grpc.ClientConn {
	options := append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithNoProxy(),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodecV2(bytesCodec{}), grpc.WaitForReady(true), grpc.MaxCallRecvMsgSize(1<<30)),
	}, more...)
	connection, err := grpc.NewClient("passthrough:///"+address, options...)
	if err != nil {
		panic(err) // The options are at fault: it does not connect yet.
	}
	return connection
}

func (s *rpcSubject) put(key string, value []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), openMost)
	defer cancel()
	var answer []byte
	return s.writer.Invoke(ctx, s.putMethod, s.putRequest(key, value), &answer)
}

func (s *rpcSubject) follow(c *crowd, connections int) error {
	return eachConnection(c, connections, func(share []*follower) error {
		connection := connect(s.address)
		context.AfterFunc(c.context, func() { connection.Close() })
		for _, f := range share {
			stream, err := s.openStream(c.context, connection, s.watchRequest(f.key))
			if err != nil {
				return err
			}
			go f.readFrom(stream, s.read)
		}
		return nil
	})
}

// openStream begins a watch, and waits for the message that confirms it.
func (s *rpcSubject) openStream(ctx context.Context, on *grpc.ClientConn, request []byte) (grpc.ClientStream, error) {
	stream, err := on.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: s.isDuplex}, s.watchMethod)
	if err != nil {
		return nil, err
	}
	if err := stream.SendMsg(request); err != nil {
		return nil, err
	}
	if !s.isDuplex {
		if err := stream.CloseSend(); err != nil {
			return nil, err
		}
	}
	var created []byte
	return stream, stream.RecvMsg(&created)
}

// readFrom reads what comes to one follower, until the crowd is closed.
func (f *follower) readFrom(stream grpc.ClientStream, read func([]byte, func(event))) {
	var message []byte
	events := 0
	take := func(e event) {
		f.take(e.revision, len(e.value))
		events++
	}
	for {
		if err := stream.RecvMsg(&message); err != nil {
			f.crowd.fail(err)
			return
		}
		events = 0
		read(message, take)
		if events > 0 {
			f.took(len(message), events)
		}
	}
}

// sharedStreams is etcd as its own client uses it: the watchers of a connection share a
// stream, on which each has a number.
type sharedStreams struct{ *rpcSubject }

func (s *sharedStreams) follow(c *crowd, connections int) error {
	return eachConnection(c, connections, func(share []*follower) error {
		connection := connect(s.address)
		context.AfterFunc(c.context, func() { connection.Close() })
		stream, err := s.openStream(c.context, connection, s.watchRequest(share[0].key))
		if err != nil {
			return err
		}
		// Numbers are given from 0 in the order of the requests.
		for index, f := range share[1:] {
			if err := stream.SendMsg(s.watchRequest(f.key)); err != nil {
				return err
			}
			var created []byte
			if err := stream.RecvMsg(&created); err != nil {
				return err
			}
			if id := numberOf(created, etcdWatchID); id != uint64(index+1) {
				return fmt.Errorf("watcher %d has the number %d", index+1, id)
			}
		}
		go s.readShared(stream, c, share)
		return nil
	})
}

func (s *sharedStreams) readShared(stream grpc.ClientStream, c *crowd, share []*follower) {
	var message []byte
	for {
		if err := stream.RecvMsg(&message); err != nil {
			c.fail(err)
			return
		}
		f := share[numberOf(message, etcdWatchID)]
		events := 0
		s.read(message, func(e event) {
			f.take(e.revision, len(e.value))
			events++
		})
		if events > 0 {
			f.took(len(message), events)
		}
	}
}

// bytesCodec hands messages over as they are; what they are read into is used again.
type bytesCodec struct{}

func (bytesCodec) Marshal(message any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(message.([]byte))}, nil
}

func (bytesCodec) Unmarshal(data mem.BufferSlice, into any) error {
	buffer := into.(*[]byte)
	if cap(*buffer) < data.Len() {
		*buffer = make([]byte, data.Len())
	}
	*buffer = (*buffer)[:data.Len()]
	data.CopyTo(*buffer)
	return nil
}

func (bytesCodec) Name() string { return "proto" }
