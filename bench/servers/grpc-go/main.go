// Program: a cache on grpc-go, to compare with. It holds the two operations that are timed and
// their batches, in a map behind a lock, without a bound, TTLs or checks. The codec passes
// bytes through, and messages are read and written by hand, so that no reflection is timed.
//
//	grpc-go-server SOCKET
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

const service = "gestalt.provider.v1.Cache"

// maxMessageBytes lets through the largest message that is timed.
const maxMessageBytes = 64 << 20

// rawCodec passes messages through: every message is a *[]byte.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(message any) ([]byte, error) { return *message.(*[]byte), nil }

func (rawCodec) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = data
	return nil
}

// cache is the whole store.
type cache struct {
	mutex   sync.RWMutex
	entries map[string][]byte
}

type method func(store *cache, request []byte) ([]byte, error)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: grpc-go-server SOCKET")
		os.Exit(2)
	}
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server := grpc.NewServer(
		grpc.ForceServerCodec(rawCodec{}),
		grpc.MaxRecvMsgSize(maxMessageBytes),
		grpc.MaxSendMsgSize(maxMessageBytes),
	)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			describe("Get", get),
			describe("GetMany", getMany),
			describe("Set", set),
			describe("SetMany", setMany),
		},
	}, &cache{entries: map[string][]byte{}})
	if err := server.Serve(listener); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func describe(name string, call method) grpc.MethodDesc {
	return grpc.MethodDesc{
		MethodName: name,
		Handler: func(store any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			var request []byte
			if err := decode(&request); err != nil {
				return nil, err
			}
			reply, err := call(store.(*cache), request)
			return &reply, err
		},
	}
}

func get(store *cache, request []byte) ([]byte, error) {
	key, err := field(request, 1)
	if err != nil {
		return nil, err
	}
	store.mutex.RLock()
	value, found := store.entries[string(key)]
	store.mutex.RUnlock()
	if !found {
		return nil, nil
	}
	reply := make([]byte, 0, len(value)+16)
	return appendFound(reply, 1, value), nil
}

func set(store *cache, request []byte) ([]byte, error) {
	key, err := field(request, 1)
	if err != nil {
		return nil, err
	}
	value, err := field(request, 2)
	if err != nil {
		return nil, err
	}
	store.mutex.Lock()
	store.entries[string(key)] = append([]byte(nil), value...)
	store.mutex.Unlock()
	return nil, nil
}

func getMany(store *cache, request []byte) ([]byte, error) {
	var reply []byte
	err := eachField(request, 1, func(key []byte) error {
		store.mutex.RLock()
		value, found := store.entries[string(key)]
		store.mutex.RUnlock()
		result := protowire.AppendTag(nil, 1, protowire.BytesType)
		result = protowire.AppendBytes(result, key)
		if found {
			result = appendFound(result, 2, value)
		}
		reply = protowire.AppendTag(reply, 1, protowire.BytesType)
		reply = protowire.AppendBytes(reply, result)
		return nil
	})
	return reply, err
}

func setMany(store *cache, request []byte) ([]byte, error) {
	return nil, eachField(request, 1, func(entry []byte) error {
		_, err := set(store, entry)
		return err
	})
}

// appendFound appends a true `found` with the given number, and the value after it.
func appendFound(message []byte, number protowire.Number, value []byte) []byte {
	message = protowire.AppendTag(message, number, protowire.VarintType)
	message = protowire.AppendVarint(message, 1)
	message = protowire.AppendTag(message, number+1, protowire.BytesType)
	return protowire.AppendBytes(message, value)
}

// field returns the last bytes field with this number, or nothing.
func field(message []byte, number protowire.Number) (found []byte, err error) {
	err = eachField(message, number, func(value []byte) error {
		found = value
		return nil
	})
	return found, err
}

func eachField(message []byte, number protowire.Number, use func([]byte) error) error {
	for len(message) > 0 {
		found, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return protowire.ParseError(size)
		}
		message = message[size:]
		if found == number && kind == protowire.BytesType {
			value, size := protowire.ConsumeBytes(message)
			if size < 0 {
				return protowire.ParseError(size)
			}
			if err := use(value); err != nil {
				return err
			}
			message = message[size:]
			continue
		}
		size = protowire.ConsumeFieldValue(found, kind, message)
		if size < 0 {
			return protowire.ParseError(size)
		}
		message = message[size:]
	}
	return nil
}
