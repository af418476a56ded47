package main

import (
	"log"
	"math/rand/v2"
)

// Paths of the contract's methods.
const (
	pathGet      = "/krusty.cache.v1.CacheService/Get"
	pathPut      = "/krusty.cache.v1.CacheService/Put"
	pathTouch    = "/krusty.cache.v1.CacheService/Touch"
	pathBatchGet = "/krusty.cache.v1.CacheService/BatchGet"
)

// Of ten mixed calls six are Gets, two are Puts, one is a Touch and one a BatchGet.
var mixed = [10]string{pathGet, pathPut, pathGet, pathTouch, pathGet, pathGet, pathPut, pathGet, pathBatchGet, pathGet}

// Of ten calls that read mostly nine are Gets.
const readsOfTen = 9

// writer makes requests. One for each goroutine that makes some.
type writer struct {
	options
	random *rand.Rand
	value  []byte
	// How many keys its requests looked up.
	lookups int
	message []byte
}

func newWriter(o options, number int) *writer {
	value := make([]byte, o.valueBytes)
	for at := range value {
		value[at] = 'v'
	}
	return &writer{options: o, random: rand.New(rand.NewPCG(1, uint64(number))), value: value}
}

// request is the path and the message of the call with this number. The message is good
// until the next.
func (w *writer) request(number int) (path string, message []byte) {
	w.message = w.message[:0]
	switch w.calls {
	case "get":
		return pathGet, w.get()
	case "put":
		return pathPut, w.put(w.from + number%w.keys)
	case "touch":
		return pathTouch, w.touch()
	case "batch":
		return pathBatchGet, w.batchGet()
	case "mixed":
		return w.mixed(number)
	case "reads":
		if number%10 < readsOfTen {
			return pathGet, w.get()
		}
		return pathPut, w.put(w.anyKey())
	}
	log.Fatalf("there are no calls %q", w.calls)
	return "", nil
}

func (w *writer) mixed(number int) (path string, message []byte) {
	path = mixed[number%len(mixed)]
	switch path {
	case pathGet:
		return path, w.get()
	case pathPut:
		return path, w.put(w.anyKey())
	case pathTouch:
		return path, w.touch()
	default:
		return path, w.batchGet()
	}
}

func (w *writer) anyKey() int { return w.from + w.random.IntN(w.keys) }

func (w *writer) get() []byte {
	w.lookups++
	return w.appendKeyField(w.anyKey())
}

func (w *writer) put(key int) []byte {
	w.appendKeyField(key)
	w.message = appendLength(append(w.message, 3<<3|2), len(w.value))
	w.message = append(w.message, w.value...)
	return w.message
}

// touch gives an entry an hour more.
func (w *writer) touch() []byte {
	w.appendKeyField(w.anyKey())
	w.message = append(w.message, 3<<3|2, 3, 1<<3, 0x90, 0x1c)
	return w.message
}

func (w *writer) batchGet() []byte {
	for range w.batch {
		w.message = append(w.message, 1<<3|2, keyBytes+2)
		w.get()
	}
	return w.message
}

// appendKeyField appends the field `key`, which is the first of all requests.
func (w *writer) appendKeyField(key int) []byte {
	w.message = appendKey(append(w.message, 1<<3|2, keyBytes), key)
	return w.message
}

const keyBytes = 16

// appendKey appends `key-` and the number in twelve digits: keyBytes in all.
func appendKey(to []byte, key int) []byte {
	to = append(to, "key-000000000000"...)
	for at := len(to) - 1; key > 0; at-- {
		to[at] = byte('0' + key%10)
		key /= 10
	}
	return to
}

func appendLength(to []byte, length int) []byte {
	for ; length >= 0x80; length >>= 7 {
		to = append(to, byte(length)|0x80)
	}
	return append(to, byte(length))
}
