package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	cachev1 "example.com/app/gen/krusty/cache/v1"
)

const (
	keys           = 200_000
	valueBytesMost = 2_000
	largeBytes     = 100_000
	patience       = 20 * time.Second
)

func randomKey() string {
	// Few are asked for often, most hardly ever.
	return fmt.Sprintf("%d/%d", rand.IntN(20), int(float64(keys)*rand.Float64()*rand.Float64()*rand.Float64()))
}

func randomValue() []byte {
	if rand.IntN(200) == 0 {
		return make([]byte, largeBytes)
	}
	return make([]byte, rand.IntN(valueBytesMost))
}

func randomTTL() *durationpb.Duration {
	if rand.IntN(3) == 0 {
		return nil
	}
	return durationpb.New(time.Duration(50+rand.IntN(5000)) * time.Millisecond)
}

func callForEver(connection *grpc.ClientConn, pace *pace) {
	cache := cachev1.NewCacheServiceClient(connection)
	for last := time.Now(); ; last = pace.next(last) {
		callOnce(cache, false)
	}
}

// callOnce makes one call, and counts how it went. Some are given up and some have a deadline that may pass;
// where that is so, or `provoked`, an error is what was asked for.
func callOnce(cache cachev1.CacheServiceClient, provoked bool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	soon := time.Duration(rand.IntN(2000)) * time.Microsecond
	switch rand.IntN(40) {
	case 0:
		ctx, cancel = context.WithTimeout(ctx, soon)
		defer cancel()
		provoked = true
	case 1:
		timer := time.AfterFunc(soon, cancel)
		defer timer.Stop()
		provoked = true
	}
	total.InFlight.Add(1)
	err := callAny(ctx, cache)
	total.InFlight.Add(-1)
	total.Calls.Add(1)
	if err != nil {
		total.failed(err, provoked)
	}
}

func callAny(ctx context.Context, cache cachev1.CacheServiceClient) error {
	key := randomKey()
	var err error
	switch kind := rand.IntN(100); {
	case kind < 60:
		_, err = cache.Get(ctx, &cachev1.GetRequest{Key: key})
	case kind < 80:
		_, err = cache.Put(ctx, &cachev1.PutRequest{Key: key, Value: randomValue(), Ttl: randomTTL()})
	case kind < 85:
		_, err = cache.Delete(ctx, &cachev1.DeleteRequest{Key: key})
	case kind < 90:
		_, err = cache.Touch(ctx, &cachev1.TouchRequest{Key: key, Ttl: durationpb.New(time.Second)})
	case kind < 92:
		_, err = cache.Increment(ctx, &cachev1.IncrementRequest{Key: "counter/" + key})
	default:
		requests := make([]*cachev1.GetRequest, 10)
		for at := range requests {
			requests[at] = &cachev1.GetRequest{Key: randomKey()}
		}
		_, err = cache.BatchGet(ctx, &cachev1.BatchGetRequest{Requests: requests})
	}
	return err
}

// churnForEver connects, calls, and goes: in peace, with calls under way, or by cutting the connection off.
func churnForEver() {
	for {
		var lock sync.Mutex
		var sockets []net.Conn
		connection := connect(grpc.WithContextDialer(func(ctx context.Context, target string) (net.Conn, error) {
			socket, err := (&net.Dialer{}).DialContext(ctx, "tcp", target)
			if err == nil {
				lock.Lock()
				sockets = append(sockets, socket)
				lock.Unlock()
			}
			return socket, err
		}))
		how := rand.IntN(3)
		var gone atomic.Bool
		var callers sync.WaitGroup
		for range 10 {
			callers.Add(1)
			go func() {
				defer callers.Done()
				cache := cachev1.NewCacheServiceClient(connection)
				for call := 0; call < 20 && !gone.Load(); call++ {
					callOnce(cache, how > 0)
				}
			}()
		}
		if how == 0 {
			callers.Wait()
		} else {
			time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
		}
		gone.Store(true)
		if how == 1 {
			lock.Lock()
			for _, socket := range sockets {
				socket.Close()
			}
			lock.Unlock()
		}
		connection.Close()
		callers.Wait()
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
	}
}
