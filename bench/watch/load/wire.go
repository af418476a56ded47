package main

import (
	"log"

	"google.golang.org/protobuf/encoding/protowire"
)

// What a load has to say and to read of the contracts, field by field. Decoding no more
// than what is counted keeps the client light, and it is the same for every server.

// contract is a service with a Put and a Watch.
type contract struct {
	putMethod, watchMethod string
	// Whether the client's side of a watch stays open, to ask for more on it.
	isDuplex     bool
	putRequest   func(key string, value []byte) []byte
	watchRequest func(key string) []byte
	// read calls take for each event of a message of a watch.
	read func(message []byte, take func(event))
}

// event is one change.
type event struct {
	kind     uint64
	key      []byte
	revision uint64
	value    []byte
	isListed bool
}

var contracts = map[string]contract{
	"krusty": {
		putMethod:   "/krusty.cache.v1.CacheService/Put",
		watchMethod: "/krusty.cache.v1.CacheService/Watch",
		putRequest: func(key string, value []byte) []byte {
			return appendBytes(appendBytes(nil, 1, []byte(key)), 3, value)
		},
		watchRequest: func(key string) []byte { return watchKeys(key) },
		read:         readKrusty,
	},
	// A stream that holds nothing beyond the transport's own: what a watcher is measured against.
	"health": {
		watchMethod:  "/grpc.health.v1.Health/Watch",
		watchRequest: func(string) []byte { return nil },
		read:         func([]byte, func(event)) {},
	},
	"etcd": {
		putMethod:   "/etcdserverpb.KV/Put",
		watchMethod: "/etcdserverpb.Watch/Watch",
		isDuplex:    true,
		putRequest: func(key string, value []byte) []byte {
			return appendBytes(appendBytes(nil, 1, []byte(key)), 2, value)
		},
		watchRequest: func(key string) []byte {
			return appendBytes(nil, 1, appendBytes(nil, 1, []byte(key)))
		},
		read: readEtcd,
	},
}

// Fields of WatchResponse.
const (
	krustyCreated     = 2
	krustyEvents      = 3
	krustySnapshotEnd = 4
	krustyBookmark    = 5
	krustyGap         = 6

	etcdWatchID = 2
	etcdEvents  = 11
)

// watchKeys is a WatchRequest with these targets.
func watchKeys(keys ...string) []byte {
	var message []byte
	for _, key := range keys {
		message = appendBytes(message, 1, appendBytes(nil, 1, []byte(key)))
	}
	return message
}

// readKrusty reads a WatchResponse.
func readKrusty(message []byte, take func(event)) {
	each(message, krustyEvents, func(events []byte) {
		each(events, 1, func(one []byte) { take(readKrustyEvent(one)) })
	})
}

func readKrustyEvent(message []byte) event {
	var read event
	fields(message, func(number protowire.Number, bytes []byte, value uint64) {
		switch number {
		case 1:
			read.kind = value
		case 2:
			read.key, read.value = bytesOf(bytes, 1), bytesOf(bytes, 3)
		case 4:
			read.isListed = value != 0
		case 6:
			read.revision = value
		}
	})
	return read
}

// readEtcd reads etcd's WatchResponse: events, of which each has a KeyValue.
func readEtcd(message []byte, take func(event)) {
	each(message, etcdEvents, func(one []byte) {
		each(one, 2, func(pair []byte) {
			take(event{key: bytesOf(pair, 1), revision: numberOf(pair, 3), value: bytesOf(pair, 5)})
		})
	})
}

// each calls take for each field of this number.
func each(message []byte, wanted protowire.Number, take func([]byte)) {
	fields(message, func(number protowire.Number, bytes []byte, _ uint64) {
		if number == wanted {
			take(bytes)
		}
	})
}

// bytesOf is a field of bytes; empty if it is not there.
func bytesOf(message []byte, wanted protowire.Number) []byte {
	var found []byte
	each(message, wanted, func(bytes []byte) { found = bytes })
	return found
}

// hasField tells whether a message has a field.
func hasField(message []byte, wanted protowire.Number) bool {
	found := false
	fields(message, func(number protowire.Number, _ []byte, _ uint64) { found = found || number == wanted })
	return found
}

// numberOf is the value of a field that is a number; 0 if it is not there.
func numberOf(message []byte, wanted protowire.Number) uint64 {
	var found uint64
	fields(message, func(number protowire.Number, _ []byte, value uint64) {
		if number == wanted {
			found = value
		}
	})
	return found
}

// fields calls see for each field of a message: with its bytes, or with its value if it
// is a number.
func fields(message []byte, see func(number protowire.Number, bytes []byte, value uint64)) {
	for len(message) > 0 {
		number, kind, length := protowire.ConsumeTag(message)
		if length < 0 {
			log.Fatal("a message is not valid Protobuf")
		}
		message = message[length:]
		switch kind {
		case protowire.VarintType:
			var value uint64
			value, length = protowire.ConsumeVarint(message)
			see(number, nil, value)
		case protowire.BytesType:
			var bytes []byte
			bytes, length = protowire.ConsumeBytes(message)
			see(number, bytes, 0)
		default:
			length = protowire.ConsumeFieldValue(number, kind, message)
		}
		if length < 0 {
			log.Fatal("a message is not valid Protobuf")
		}
		message = message[length:]
	}
}

func appendBytes(message []byte, number protowire.Number, bytes []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(message, number, protowire.BytesType), bytes)
}

func appendNumber(message []byte, number protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(message, number, protowire.VarintType), value)
}
