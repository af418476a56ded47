// The scenario of ../../scenario.ts as a Go client: connect, call, read the answers
// and the error details with what grpc-go itself brings.
//
//	go run ./scenario localhost:7070 some-prefix/
package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cachev1 "example.com/app/gen/krusty/cache/v1"
)

var (
	ctx    context.Context
	cache  cachev1.CacheServiceClient
	admin  cachev1.AdminServiceClient
	health healthv1.HealthClient
	prefix string
	failed bool
)

func main() {
	if len(os.Args) != 3 && len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: scenario ADDRESS KEY-PREFIX [AUTHORITY-FILE]")
		os.Exit(2)
	}
	prefix = os.Args[2]
	connection, err := connect(os.Args[1], os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer connection.Close()
	cache = cachev1.NewCacheServiceClient(connection)
	admin = cachev1.NewAdminServiceClient(connection)
	health = healthv1.NewHealthClient(connection)

	step("health", checkHealth)
	step("put then get", putThenGet)
	step("a miss is an answer", missIsAnswer)
	step("odd keys", oddKeys)
	step("conditions", conditions)
	step("not modified", notModified)
	step("ttl", ttl)
	step("touch", touch)
	step("increment", increment)
	step("batches", batches)
	step("list", list)
	step("purge", purge)
	step("stats", stats)
	step("error details", errorDetails)
	step("errors", errorCodes)
	step("watch", watch)
	step("watch errors", watchErrors)
	step("explain", explain)
	if failed {
		os.Exit(1)
	}
}

// connect speaks clear text, or with the file of a certificate authority TLS.
func connect(address string, authorityFiles []string) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	for _, file := range authorityFiles {
		var err error
		if transport, err = credentials.NewClientTLSFromFile(file, ""); err != nil {
			return nil, err
		}
	}
	return grpc.NewClient(address, grpc.WithTransportCredentials(transport))
}

func checkHealth() {
	for _, service := range []string{"", "krusty.cache.v1.CacheService"} {
		answer := get(health.Check(ctx, &healthv1.HealthCheckRequest{Service: service}))
		equal("status of "+service, answer.Status, healthv1.HealthCheckResponse_SERVING)
	}
}

func putThenGet() {
	value := make([]byte, 256)
	for i := range value {
		value[i] = byte(i)
	}
	put := get(cache.Put(ctx, &cachev1.PutRequest{Key: key("bytes"), Value: value, ContentType: "application/octet-stream"}))
	equal("outcome", put.Outcome, cachev1.PutResponse_OUTCOME_STORED)

	answer := get(cache.Get(ctx, &cachev1.GetRequest{Key: key("bytes")}))
	equal("outcome", answer.Outcome, cachev1.GetResponse_OUTCOME_HIT)
	equal("same bytes", bytes.Equal(answer.Entry.Value, value), true)
	equal("content type", answer.Entry.ContentType, "application/octet-stream")
	equal("revision", answer.Entry.Revision, put.Revision)
	equal("no expire_time", answer.Entry.ExpireTime == nil, true)

	full := get(cache.Get(ctx, &cachev1.GetRequest{Key: key("bytes"), View: cachev1.EntryView_ENTRY_VIEW_FULL, MetadataOnly: true}))
	equal("key", full.Entry.Key, key("bytes"))
	equal("namespace", full.Entry.Namespace, "default")
	equal("value omitted", full.Entry.ValueOmitted && len(full.Entry.Value) == 0, true)
	equal("size counts key and value", full.Entry.SizeBytes > 256, true)
	equal("update_time is now", time.Since(full.Entry.UpdateTime.AsTime()).Abs() < time.Minute, true)
}

func missIsAnswer() {
	equal("get", get(cache.Get(ctx, &cachev1.GetRequest{Key: key("absent")})).Outcome, cachev1.GetResponse_OUTCOME_MISS)
	equal("delete", get(cache.Delete(ctx, &cachev1.DeleteRequest{Key: key("absent")})).Outcome, cachev1.DeleteResponse_OUTCOME_NOT_FOUND)
}

func oddKeys() {
	odd := []string{
		"a/b", "a%2Fb", "a//b", "a b", "a+b", "a%20b", " a b", "a b ", "a:b", "a?b", "a#b", "a\nb", "a\r\nb", "a\x00b",
		"\ufeffa", "a", "A", "🦀", "🦀\ufe0f", "é", "e\u0301", "..", ".", "-", "{}", "\"", "\\",
	}
	for _, name := range odd {
		get(cache.Put(ctx, &cachev1.PutRequest{Key: key("odd") + name, Value: []byte("value of " + name)}))
	}
	for _, name := range odd {
		answer := get(cache.Get(ctx, &cachev1.GetRequest{Key: key("odd") + name}))
		equal(fmt.Sprintf("value of %q", name), string(answer.Entry.GetValue()), "value of "+name)
	}
}

func conditions() {
	k := key("condition")
	first := get(cache.Put(ctx, &cachev1.PutRequest{Key: k, Value: []byte("1"), IfAbsent: true}))
	equal("if_absent of an absent key", first.Outcome, cachev1.PutResponse_OUTCOME_STORED)
	lost := get(cache.Put(ctx, &cachev1.PutRequest{Key: k, Value: []byte("2"), IfAbsent: true, ReturnPrevious: true}))
	equal("if_absent of a present key", lost.Outcome, cachev1.PutResponse_OUTCOME_NOT_STORED)
	equal("the revision that stands", lost.Revision, first.Revision)
	equal("the value that stands", string(lost.Previous.Value), "1")
	absent := get(cache.Put(ctx, &cachev1.PutRequest{Key: key("nothing"), Value: []byte("x"), IfPresent: true}))
	equal("if_present of an absent key", absent.Outcome, cachev1.PutResponse_OUTCOME_NOT_STORED)

	second := get(cache.Put(ctx, &cachev1.PutRequest{Key: k, Value: []byte("2"), IfRevision: &first.Revision}))
	equal("if_revision that holds", second.Outcome, cachev1.PutResponse_OUTCOME_STORED)
	equal("revisions grow", second.Revision > first.Revision, true)
	stale := get(cache.Put(ctx, &cachev1.PutRequest{Key: k, Value: []byte("3"), IfRevision: &first.Revision}))
	equal("if_revision that is stale", stale.Outcome, cachev1.PutResponse_OUTCOME_NOT_STORED)

	kept := get(cache.Delete(ctx, &cachev1.DeleteRequest{Key: k, IfRevision: &first.Revision}))
	equal("delete of a stale revision", kept.Outcome, cachev1.DeleteResponse_OUTCOME_NOT_DELETED)
	gone := get(cache.Delete(ctx, &cachev1.DeleteRequest{Key: k, IfRevision: &second.Revision, ReturnPrevious: true}))
	equal("delete of this revision", gone.Outcome, cachev1.DeleteResponse_OUTCOME_DELETED)
	equal("the value removed", string(gone.Previous.Value), "2")
}

func notModified() {
	k := key("modified")
	put := get(cache.Put(ctx, &cachev1.PutRequest{Key: k, Value: []byte("1")}))
	same := get(cache.Get(ctx, &cachev1.GetRequest{Key: k, IfRevisionNot: &put.Revision}))
	equal("unchanged", same.Outcome, cachev1.GetResponse_OUTCOME_NOT_MODIFIED)
	equal("no value", len(same.Entry.Value), 0)
	get(cache.Put(ctx, &cachev1.PutRequest{Key: k, Value: []byte("2")}))
	changed := get(cache.Get(ctx, &cachev1.GetRequest{Key: k, IfRevisionNot: &put.Revision}))
	equal("changed", changed.Outcome, cachev1.GetResponse_OUTCOME_HIT)
	equal("the new value", string(changed.Entry.Value), "2")
}

func ttl() {
	long := get(cache.Put(ctx, &cachev1.PutRequest{Key: key("minute"), Value: []byte("x"), Ttl: durationpb.New(time.Minute)}))
	left := time.Until(long.ExpireTime.AsTime())
	equal("expires in about a minute", left > 50*time.Second && left < 70*time.Second, true)

	at := timestamppb.New(time.Now().Add(time.Hour))
	dated := get(cache.Put(ctx, &cachev1.PutRequest{Key: key("hour"), Value: []byte("x"), ExpireTime: at}))
	equal("expires when told", dated.ExpireTime.AsTime().Sub(at.AsTime()).Abs() < time.Second, true)

	get(cache.Put(ctx, &cachev1.PutRequest{Key: key("short"), Value: []byte("x"), Ttl: durationpb.New(50 * time.Millisecond)}))
	for tries := 0; ; tries++ {
		answer := get(cache.Get(ctx, &cachev1.GetRequest{Key: key("short")}))
		if answer.Outcome == cachev1.GetResponse_OUTCOME_MISS {
			break
		}
		equal("expired within 5 s", tries < 500, true)
		time.Sleep(10 * time.Millisecond)
	}
}

func touch() {
	k := key("touch")
	put := get(cache.Put(ctx, &cachev1.PutRequest{Key: k, Value: []byte("x")}))
	set := get(cache.Touch(ctx, &cachev1.TouchRequest{Key: k, Ttl: durationpb.New(time.Minute)}))
	equal("touched", set.Outcome, cachev1.TouchResponse_OUTCOME_TOUCHED)
	equal("has an expire_time", set.ExpireTime != nil, true)
	shorter := get(cache.Touch(ctx, &cachev1.TouchRequest{Key: k, Ttl: durationpb.New(time.Second), OnlyExtend: true}))
	equal("only_extend with less", shorter.Outcome, cachev1.TouchResponse_OUTCOME_NOT_TOUCHED)
	longer := get(cache.Touch(ctx, &cachev1.TouchRequest{Key: k, Ttl: durationpb.New(time.Hour), OnlyShorten: true}))
	equal("only_shorten with more", longer.Outcome, cachev1.TouchResponse_OUTCOME_NOT_TOUCHED)
	forever := get(cache.Touch(ctx, &cachev1.TouchRequest{Key: k, NoExpiry: true}))
	equal("no_expiry", forever.ExpireTime == nil, true)
	equal("absent", get(cache.Touch(ctx, &cachev1.TouchRequest{Key: key("absent")})).Outcome, cachev1.TouchResponse_OUTCOME_NOT_FOUND)
	equal("same revision", get(cache.Get(ctx, &cachev1.GetRequest{Key: k})).Entry.Revision, put.Revision)
}

func increment() {
	k := key("counter")
	five, back := int64(5), int64(-20)
	equal("from initial", get(cache.Increment(ctx, &cachev1.IncrementRequest{Key: k, Initial: 10, Delta: &five})).Value, 15)
	equal("down", get(cache.Increment(ctx, &cachev1.IncrementRequest{Key: k, Delta: &back})).Value, -5)
	equal("by one", get(cache.Increment(ctx, &cachev1.IncrementRequest{Key: k})).Value, -4)
	equal("stored as text", string(get(cache.Get(ctx, &cachev1.GetRequest{Key: k})).Entry.Value), "-4")
}

func batches() {
	put := get(cache.BatchPut(ctx, &cachev1.BatchPutRequest{Requests: []*cachev1.PutRequest{
		{Key: key("batch/1"), Value: []byte("one")},
		{Key: "", Value: []byte("bad")},
		{Key: key("batch/2"), Value: []byte("two")},
	}}))
	equal("failed", put.FailedCount, 1)
	equal("results", len(put.Results), 3)
	equal("first", put.Results[0].Response.GetOutcome(), cachev1.PutResponse_OUTCOME_STORED)
	equal("code of the bad one", codes.Code(put.Results[1].Status.GetCode()), codes.InvalidArgument)
	equal("reason of the bad one", reason(put.Results[1].Status), "KEY_EMPTY")
	equal("third", put.Results[2].Response.GetOutcome(), cachev1.PutResponse_OUTCOME_STORED)

	found := get(cache.BatchGet(ctx, &cachev1.BatchGetRequest{Requests: []*cachev1.GetRequest{
		{Key: key("batch/2")}, {Key: key("batch/none")}, {Key: key("batch/1")}, {Key: key("batch/2")},
	}}))
	values := []string{}
	for _, result := range found.Results {
		values = append(values, string(result.Response.Entry.GetValue()))
	}
	equal("in order", strings.Join(values, " "), "two  one two")
	equal("the miss", found.Results[1].Response.Outcome, cachev1.GetResponse_OUTCOME_MISS)

	touched := get(cache.BatchTouch(ctx, &cachev1.BatchTouchRequest{Requests: []*cachev1.TouchRequest{
		{Key: key("batch/1"), Ttl: durationpb.New(time.Minute)}, {Key: key("batch/none")},
	}}))
	equal("touched", touched.Results[0].Response.Outcome, cachev1.TouchResponse_OUTCOME_TOUCHED)
	equal("not there", touched.Results[1].Response.Outcome, cachev1.TouchResponse_OUTCOME_NOT_FOUND)

	deleted := get(cache.BatchDelete(ctx, &cachev1.BatchDeleteRequest{Requests: []*cachev1.DeleteRequest{
		{Key: key("batch/1")}, {Key: key("batch/1")},
	}}))
	equal("deleted", deleted.Results[0].Response.Outcome, cachev1.DeleteResponse_OUTCOME_DELETED)
	equal("deleted already", deleted.Results[1].Response.Outcome, cachev1.DeleteResponse_OUTCOME_NOT_FOUND)
}

func list() {
	want := []string{}
	for i := range 5 {
		want = append(want, key(fmt.Sprintf("list/%d", i)))
		get(cache.Put(ctx, &cachev1.PutRequest{Key: want[i], Value: []byte("x")}))
	}
	have := []string{}
	request := &cachev1.ListRequest{Prefix: key("list/"), PageSize: 2}
	for pages := 0; ; pages++ {
		equal("fewer than 1,000 pages", pages < 1000, true)
		page := get(admin.List(ctx, request))
		equal("at most two a page", len(page.Entries) <= 2, true)
		for _, entry := range page.Entries {
			equal("value", string(entry.Value), "x")
			have = append(have, entry.Key)
		}
		if page.NextPageToken == "" {
			break
		}
		request.PageToken = page.NextPageToken
	}
	slices.Sort(have)
	equal("keys", strings.Join(slices.Compact(have), " "), strings.Join(want, " "))
}

func purge() {
	for _, name := range []string{"purge/a", "purge/b", "purged"} {
		get(cache.Put(ctx, &cachev1.PutRequest{Key: key(name), Value: []byte("x")}))
	}
	equal("revision", get(admin.Purge(ctx, &cachev1.PurgeRequest{Prefix: key("purge/")})).Revision > 0, true)
	equal("a", get(cache.Get(ctx, &cachev1.GetRequest{Key: key("purge/a")})).Outcome, cachev1.GetResponse_OUTCOME_MISS)
	equal("b", get(cache.Get(ctx, &cachev1.GetRequest{Key: key("purge/b")})).Outcome, cachev1.GetResponse_OUTCOME_MISS)
	equal("the other", get(cache.Get(ctx, &cachev1.GetRequest{Key: key("purged")})).Outcome, cachev1.GetResponse_OUTCOME_HIT)
}

func stats() {
	before := get(admin.GetStats(ctx, &cachev1.GetStatsRequest{}))
	get(cache.Put(ctx, &cachev1.PutRequest{Key: key("stats"), Value: []byte("x")}))
	get(cache.Get(ctx, &cachev1.GetRequest{Key: key("stats")}))
	get(cache.Get(ctx, &cachev1.GetRequest{Key: key("stats/none")}))
	after := get(admin.GetStats(ctx, &cachev1.GetStatsRequest{}))
	equal("puts", after.Total.Puts-before.Total.Puts, 1)
	equal("hits", after.Total.Hits-before.Total.Hits, 1)
	equal("misses", after.Total.Misses-before.Total.Misses, 1)
	equal("first namespace", after.Namespaces[0].Name, "default")
	equal("has a version", after.Version != "", true)
	equal("has limits", after.Total.MaxEntries > 0 && after.Total.MaxMemoryBytes > 0 && after.MaxKeyBytes > 0, true)
}

// errorDetails reads an error as a client of yours would: status.FromError, then Details.
func errorDetails() {
	_, err := cache.Get(ctx, &cachev1.GetRequest{Key: ""})
	failure, ok := status.FromError(err)
	equal("is a gRPC status", ok, true)
	equal("code", failure.Code(), codes.InvalidArgument)
	equal("has a message", failure.Message() != "", true)

	var info *errdetails.ErrorInfo
	var badRequest *errdetails.BadRequest
	for _, detail := range failure.Details() {
		switch typed := detail.(type) {
		case *errdetails.ErrorInfo:
			info = typed
		case *errdetails.BadRequest:
			badRequest = typed
		}
	}
	equal("reason", info.GetReason(), "KEY_EMPTY")
	equal("domain", info.GetDomain(), "krusty.cache.v1")
	equal("violations", len(badRequest.GetFieldViolations()), 1)
	equal("field", badRequest.FieldViolations[0].Field, "key")
	equal("has a description", badRequest.FieldViolations[0].Description != "", true)
}

func errorCodes() {
	k := key("errors")
	get(cache.Put(ctx, &cachev1.PutRequest{Key: k, Value: []byte("hello")}))
	get(cache.Put(ctx, &cachev1.PutRequest{Key: k + "/most", Value: []byte(fmt.Sprint(int64(math.MaxInt64)))}))
	soon, one := durationpb.New(time.Minute), uint64(1)
	tooMany := make([]*cachev1.GetRequest, 1001)
	for i := range tooMany {
		tooMany[i] = &cachev1.GetRequest{Key: k}
	}

	_, err := cache.Get(ctx, &cachev1.GetRequest{Key: strings.Repeat("k", 70_000)})
	fails("key too long", err, codes.InvalidArgument, "KEY_TOO_LONG")
	_, err = cache.Put(ctx, &cachev1.PutRequest{Key: k, Value: make([]byte, 1<<20+1)})
	fails("value too large", err, codes.InvalidArgument, "VALUE_TOO_LARGE")
	_, err = cache.Put(ctx, &cachev1.PutRequest{Key: k, Ttl: durationpb.New(-time.Second)})
	fails("negative ttl", err, codes.InvalidArgument, "INVALID_TTL")
	_, err = cache.Put(ctx, &cachev1.PutRequest{Key: k, Ttl: &durationpb.Duration{Seconds: math.MaxInt64}})
	fails("overflowing ttl", err, codes.InvalidArgument, "INVALID_TTL")
	_, err = cache.Put(ctx, &cachev1.PutRequest{Key: k, ExpireTime: timestamppb.New(time.Unix(1, 0))})
	fails("expire_time in the past", err, codes.InvalidArgument, "INVALID_TTL")
	_, err = cache.Put(ctx, &cachev1.PutRequest{Key: k, Ttl: soon, ExpireTime: timestamppb.New(time.Now().Add(time.Hour))})
	fails("ttl and expire_time", err, codes.InvalidArgument, "INVALID_TTL")
	_, err = cache.Put(ctx, &cachev1.PutRequest{Key: k, IfAbsent: true, IfRevision: &one})
	fails("two conditions", err, codes.InvalidArgument, "INVALID_CONDITION")
	_, err = cache.Put(ctx, &cachev1.PutRequest{Key: k, ContentType: "a\nb"})
	fails("content type with a newline", err, codes.InvalidArgument, "INVALID_CONTENT_TYPE")
	_, err = cache.BatchGet(ctx, &cachev1.BatchGetRequest{})
	fails("batch of none", err, codes.InvalidArgument, "BATCH_SIZE")
	_, err = cache.BatchGet(ctx, &cachev1.BatchGetRequest{Requests: tooMany})
	fails("batch of 1,001", err, codes.InvalidArgument, "BATCH_SIZE")
	_, err = admin.List(ctx, &cachev1.ListRequest{PageToken: "nonsense"})
	fails("page token", err, codes.InvalidArgument, "INVALID_PAGE_TOKEN")
	_, err = admin.Purge(ctx, &cachev1.PurgeRequest{})
	fails("purge of nothing", err, codes.InvalidArgument, "INVALID_OPTION")
	_, err = cache.Get(ctx, &cachev1.GetRequest{Key: k, Namespace: "nowhere"})
	fails("unknown namespace", err, codes.NotFound, "UNKNOWN_NAMESPACE")
	_, err = cache.Increment(ctx, &cachev1.IncrementRequest{Key: k})
	fails("increment of text", err, codes.FailedPrecondition, "NOT_A_NUMBER")
	_, err = cache.Increment(ctx, &cachev1.IncrementRequest{Key: k + "/most"})
	fails("increment past 64 bits", err, codes.OutOfRange, "NUMBER_OVERFLOW")

	equal("nothing changed", string(get(cache.Get(ctx, &cachev1.GetRequest{Key: k})).Entry.Value), "hello")
}

func watch() {
	get(cache.Put(ctx, &cachev1.PutRequest{Key: key("watched/1"), Value: []byte("one")}))
	request := &cachev1.WatchRequest{
		Targets:      []*cachev1.WatchTarget{{Prefix: proto.String(key("watched/"))}},
		InitialState: true,
	}
	streamCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := get(cache.Watch(streamCtx, request))
	equal("first", get(stream.Recv()).GetCreated() != nil, true)
	listed := events(get(stream.Recv()), 1)[0]
	equal("listed", listed.Listed, true)
	equal("its value", string(listed.Entry.Value), "one")
	end := get(stream.Recv())
	equal("then", end.GetSnapshotEnd() != nil, true)

	get(cache.Put(ctx, &cachev1.PutRequest{Key: key("watched/1"), Value: []byte("two")}))
	changed := events(get(stream.Recv()), 1)[0]
	equal("type", changed.Type, cachev1.EventType_EVENT_TYPE_PUT)
	equal("listed", changed.Listed, false)
	equal("its value", string(changed.Entry.Value), "two")
	equal("revisions grow", changed.Revision > listed.Revision, true)
	cancel()

	get(cache.Delete(ctx, &cachev1.DeleteRequest{Key: key("watched/1")}))
	request.ResumeToken = end.ResumeToken
	stream = get(cache.Watch(ctx, request))
	equal("first, resumed", get(stream.Recv()).GetCreated() != nil, true)
	missed := events(get(stream.Recv()), 2)
	equal("the same again", missed[0].Revision, changed.Revision)
	equal("then", missed[1].Type, cachev1.EventType_EVENT_TYPE_DELETE)
}

// events are those of a message, which must be so many.
func events(message *cachev1.WatchResponse, count int) []*cachev1.WatchEvent {
	events := message.GetEvents().GetEvents()
	equal("events", len(events), count)
	return events
}

func watchErrors() {
	targets := []*cachev1.WatchTarget{{Key: key("watched/1")}}
	for _, bad := range []struct {
		why     string
		request *cachev1.WatchRequest
	}{
		{"NO_TARGET", &cachev1.WatchRequest{}},
		{"KEY_EMPTY", &cachev1.WatchRequest{Targets: []*cachev1.WatchTarget{{}}}},
		{"MALFORMED_RESUME_TOKEN", &cachev1.WatchRequest{Targets: targets, ResumeToken: "?"}},
		{"INVALID_OPTION", &cachev1.WatchRequest{Targets: targets, BookmarkInterval: durationpb.New(time.Millisecond)}},
	} {
		stream := get(cache.Watch(ctx, bad.request))
		_, err := stream.Recv()
		fails(bad.why, err, codes.InvalidArgument, bad.why)
	}
}

func explain() {
	get(cache.Put(ctx, &cachev1.PutRequest{Key: key("explained")}))
	answer := get(admin.Explain(ctx, &cachev1.ExplainRequest{Key: key("explained")}))
	equal("type", answer.Type, cachev1.EventType_EVENT_TYPE_PUT)
	equal("present", answer.Present, true)
	answer = get(admin.Explain(ctx, &cachev1.ExplainRequest{Key: key("never")}))
	equal("type", answer.Type, cachev1.EventType_EVENT_TYPE_UNSPECIFIED)
	equal("since", answer.HistoryStartTime.AsTime().Before(time.Now()), true)
}

func key(name string) string { return prefix + name }

// mismatch is what a step panics with; step turns it into its line.
type mismatch string

// step runs one step of the scenario, 30 s at most, and prints its line.
func step(name string, run func()) {
	var cancel context.CancelFunc
	ctx, cancel = context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	defer func() {
		if caught := recover(); caught != nil {
			failed = true
			fmt.Printf("not ok %s: %v\n", name, caught)
			return
		}
		fmt.Printf("ok %s\n", name)
	}()
	run()
}

// get is the answer of a call that must succeed.
func get[T any](answer T, err error) T {
	if err != nil {
		panic(mismatch(err.Error()))
	}
	return answer
}

func equal[T comparable](what string, have, want T) {
	if have != want {
		panic(mismatch(fmt.Sprintf("%s: %v instead of %v", what, have, want)))
	}
}

func fails(what string, err error, code codes.Code, why string) {
	equal(what+", code", status.Code(err), code)
	equal(what+", reason", reason(status.Convert(err).Proto()), why)
}

// reason is the ErrorInfo reason of a status, empty if it has none.
func reason(proto *rpcstatus.Status) string {
	for _, detail := range status.FromProto(proto).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.Reason
		}
	}
	return ""
}
