// Requests that no generated client can send: a codec that passes bytes on as they
// are puts broken Protobuf, keys that are not UTF-8 and a message above the limit on
// the wire. After each the same connection must serve an ordinary call.
//
//	go run ./malformed localhost:7070
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const service = "/krusty.cache.v1.CacheService/"

// The key "ok" in a request: field 1, two bytes.
var ordinary = []byte{0x0a, 2, 'o', 'k'}

var cases = []struct {
	name    string
	method  string
	request []byte
	code    codes.Code
	reason  string
}{
	{"key of the bytes 61 FF", "Get", []byte{0x0a, 2, 'a', 0xff}, codes.InvalidArgument, "INVALID_UTF8"},
	{"key of the bytes 61 FE", "Put", []byte{0x0a, 2, 'a', 0xfe}, codes.InvalidArgument, "INVALID_UTF8"},
	{"key of an overlong slash", "Get", []byte{0x0a, 2, 0xc0, 0xaf}, codes.InvalidArgument, "INVALID_UTF8"},
	{"key of a surrogate", "Get", []byte{0x0a, 3, 0xed, 0xa0, 0x80}, codes.InvalidArgument, "INVALID_UTF8"},
	{"namespace that is not UTF-8", "Get", []byte{0x0a, 1, 'k', 0x12, 1, 0xff}, codes.InvalidArgument, "INVALID_UTF8"},
	{"key cut short", "Get", []byte{0x0a, 10, 'a'}, codes.InvalidArgument, "MALFORMED_REQUEST"},
	{"key of a length past 2^31", "Get", []byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 'a'}, codes.InvalidArgument, "MALFORMED_REQUEST"},
	{"endless varint", "Get", []byte{0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, codes.InvalidArgument, "MALFORMED_REQUEST"},
	{"wire type 7", "Get", []byte{0x0f}, codes.InvalidArgument, "MALFORMED_REQUEST"},
	{"group that never ends", "Get", []byte{0x0b}, codes.InvalidArgument, "MALFORMED_REQUEST"},
	{"zero byte after the key", "Get", []byte{0x0a, 1, 'k', 0x00, 0xff}, codes.InvalidArgument, "MALFORMED_REQUEST"},
	{"end of a group that never began", "Get", []byte{0x0a, 1, 'k', 0x0c, 0xff}, codes.InvalidArgument, "MALFORMED_REQUEST"},
	{"batch with a malformed request", "BatchGet", []byte{0x0a, 3, 0x0a, 9, 'a'}, codes.InvalidArgument, "MALFORMED_REQUEST"},
	{"empty message", "Get", []byte{}, codes.InvalidArgument, "KEY_EMPTY"},
	{"unknown method", "Nothing", ordinary, codes.Unimplemented, ""},
	{"message above value limit + 1 MiB", "Put", make([]byte, 2<<20+1), codes.ResourceExhausted, ""},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: malformed ADDRESS")
		os.Exit(2)
	}
	connection, err := grpc.NewClient(os.Args[1],
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{})))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer connection.Close()

	failed := false
	for _, test := range cases {
		problem := checkFailure(call(connection, test.method, test.request), test.code, test.reason)
		if problem == "" {
			if err := call(connection, "Get", ordinary); err != nil {
				problem = "the call after it failed: " + err.Error()
			}
		}
		if problem != "" {
			failed = true
			fmt.Printf("not ok %s: %s\n", test.name, problem)
			continue
		}
		fmt.Printf("ok %s\n", test.name)
	}
	if failed {
		os.Exit(1)
	}
}

func call(connection *grpc.ClientConn, method string, request []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var answer []byte
	return connection.Invoke(ctx, service+method, &request, &answer)
}

// checkFailure says what is wrong with an error, or nothing.
func checkFailure(err error, code codes.Code, reason string) string {
	if status.Code(err) != code {
		return fmt.Sprintf("%v instead of %v (%v)", status.Code(err), code, err)
	}
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.Reason == reason {
			return ""
		}
	}
	if reason != "" {
		return fmt.Sprintf("no reason %s in %v", reason, status.Convert(err).Proto())
	}
	return ""
}

// rawCodec sends and receives bytes as they are.
type rawCodec struct{}

func (rawCodec) Marshal(message any) ([]byte, error)      { return *message.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, message any) error { *message.(*[]byte) = data; return nil }
func (rawCodec) Name() string                             { return "proto" }
