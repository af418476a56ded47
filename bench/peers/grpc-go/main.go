// A cache of the same contract on grpc-go, as plain as it can be: Get, Put, Touch and
// BatchGet over a map and a recency list behind one mutex, deadlines seen when an entry
// is read, and the counters that show a benchmark that its calls were hits. Run it with
// GOMAXPROCS=1 to compare one core with one core.
package main

import (
	"container/list"
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	cachev1 "krusty-kache/bench/peers/grpc-go/gen/krusty/cache/v1"
)

const entriesMax = 1_000_000

type entry struct {
	key      string
	value    []byte
	revision uint64
	expires  time.Time // zero: never
}

func (e *entry) isAlive() bool { return e.expires.IsZero() || time.Now().Before(e.expires) }

// store is a least-recently-used cache; everything in it is guarded by mu.
type store struct {
	mu       sync.Mutex
	entries  map[string]*list.Element
	recency  *list.List // the most recently used first
	revision uint64
	hits     uint64
	misses   uint64
	puts     uint64
	touches  uint64
}

func (s *store) get(key string) (entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	element, found := s.entries[key]
	if !found || !element.Value.(*entry).isAlive() {
		s.misses++
		return entry{}, false
	}
	s.hits++
	s.recency.MoveToFront(element)
	return *element.Value.(*entry), true
}

func (s *store) put(key string, value []byte) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	s.revision++
	if element, found := s.entries[key]; found {
		*element.Value.(*entry) = entry{key: key, value: value, revision: s.revision}
		s.recency.MoveToFront(element)
		return s.revision
	}
	if len(s.entries) == entriesMax {
		oldest := s.recency.Back()
		delete(s.entries, oldest.Value.(*entry).key)
		s.recency.Remove(oldest)
	}
	s.entries[key] = s.recency.PushFront(&entry{key: key, value: value, revision: s.revision})
	return s.revision
}

// touch gives an entry a new deadline; false if there is none.
func (s *store) touch(key string, expires time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	element, found := s.entries[key]
	if !found || !element.Value.(*entry).isAlive() {
		return false
	}
	s.touches++
	s.revision++
	element.Value.(*entry).expires = expires
	s.recency.MoveToFront(element)
	return true
}

type cacheServer struct {
	cachev1.UnimplementedCacheServiceServer
	store *store
}

func (s cacheServer) Get(_ context.Context, request *cachev1.GetRequest) (*cachev1.GetResponse, error) {
	return s.lookUp(request)
}

func (s cacheServer) lookUp(request *cachev1.GetRequest) (*cachev1.GetResponse, error) {
	if request.Key == "" {
		return nil, status.Error(codes.InvalidArgument, "key is empty")
	}
	found, ok := s.store.get(request.Key)
	if !ok {
		return &cachev1.GetResponse{Outcome: cachev1.GetResponse_OUTCOME_MISS}, nil
	}
	answer := &cachev1.Entry{Value: found.value, Revision: found.revision}
	if !found.expires.IsZero() {
		answer.ExpireTime = timestamppb.New(found.expires)
	}
	return &cachev1.GetResponse{Outcome: cachev1.GetResponse_OUTCOME_HIT, Entry: answer}, nil
}

func (s cacheServer) BatchGet(_ context.Context, request *cachev1.BatchGetRequest) (*cachev1.BatchGetResponse, error) {
	results := make([]*cachev1.BatchGetResponse_Result, len(request.Requests))
	for at, one := range request.Requests {
		response, err := s.lookUp(one)
		if err != nil {
			return nil, err
		}
		results[at] = &cachev1.BatchGetResponse_Result{Response: response}
	}
	return &cachev1.BatchGetResponse{Results: results}, nil
}

func (s cacheServer) Put(_ context.Context, request *cachev1.PutRequest) (*cachev1.PutResponse, error) {
	if request.Key == "" {
		return nil, status.Error(codes.InvalidArgument, "key is empty")
	}
	revision := s.store.put(request.Key, request.Value)
	return &cachev1.PutResponse{Outcome: cachev1.PutResponse_OUTCOME_STORED, Revision: revision}, nil
}

func (s cacheServer) Touch(_ context.Context, request *cachev1.TouchRequest) (*cachev1.TouchResponse, error) {
	if request.Key == "" {
		return nil, status.Error(codes.InvalidArgument, "key is empty")
	}
	expires := time.Now().Add(request.Ttl.AsDuration())
	if !s.store.touch(request.Key, expires) {
		return &cachev1.TouchResponse{Outcome: cachev1.TouchResponse_OUTCOME_NOT_FOUND}, nil
	}
	return &cachev1.TouchResponse{
		Outcome:    cachev1.TouchResponse_OUTCOME_TOUCHED,
		ExpireTime: timestamppb.New(expires),
	}, nil
}

type adminServer struct {
	cachev1.UnimplementedAdminServiceServer
	store *store
}

func (s adminServer) GetStats(context.Context, *cachev1.GetStatsRequest) (*cachev1.GetStatsResponse, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return &cachev1.GetStatsResponse{
		Revision: s.store.revision,
		Total: &cachev1.CacheStats{
			Entries:    uint64(len(s.store.entries)),
			MaxEntries: entriesMax,
			Hits:       s.store.hits,
			Misses:     s.store.misses,
			Puts:       s.store.puts,
			Touches:    s.store.touches,
		},
	}, nil
}

func main() {
	port := flag.Int("port", 7071, "port to listen on, at 127.0.0.1")
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	shared := &store{entries: map[string]*list.Element{}, recency: list.New()}
	server := grpc.NewServer()
	cachev1.RegisterCacheServiceServer(server, cacheServer{store: shared})
	cachev1.RegisterAdminServiceServer(server, adminServer{store: shared})
	log.Fatal(server.Serve(listener))
}
