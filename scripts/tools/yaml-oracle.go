// Reads manifests as kubectl does and says what it reads. For each request on standard input there is one answer on
// standard output; both are a length in bytes, 4 bytes with the highest first, and as many bytes. A request is a
// stream; its answer is JSON: {"documents": [...], "error": "..."}, the documents in front of the error, null ones and
// blank ones left out as kubectl leaves them out, and no error where all was read. Where that would be more than 4 MB,
// "documents" is null.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const largest = 4 << 20

// answer is a struct so that a document without a value stays apart from one that is missing.
type answer struct {
	Documents []json.RawMessage `json:"documents"`
	Error     string            `json:"error"`
}

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	for {
		var size uint32
		if err := binary.Read(in, binary.BigEndian, &size); err != nil {
			if errors.Is(err, io.EOF) {
				return
			}
			panic(err)
		}
		request := make([]byte, size)
		if _, err := io.ReadFull(in, request); err != nil {
			panic(err)
		}
		reply := encoded(read(request))
		if err := binary.Write(out, binary.BigEndian, uint32(len(reply))); err != nil {
			panic(err)
		}
		if _, err := out.Write(reply); err != nil {
			panic(err)
		}
		if err := out.Flush(); err != nil {
			panic(err)
		}
	}
}

// read does what k8s.io/cli-runtime does (pkg/resource/visitor.go: FileVisitor, then StreamVisitor), and then what
// the decoder of unstructured objects does with each document, which is JSON by then.
func read(stream []byte) (found answer) {
	found.Documents = []json.RawMessage{}
	defer func() {
		if caught := recover(); caught != nil {
			found.Error = fmt.Sprintf("panic: %v", caught)
		}
	}()
	marked := unicode.BOMOverride(unicode.UTF8.NewDecoder())
	decoder := yaml.NewYAMLOrJSONDecoder(transform.NewReader(bytes.NewReader(stream), marked), 4096)
	for {
		document := runtime.RawExtension{}
		if err := decoder.Decode(&document); err != nil {
			if !errors.Is(err, io.EOF) {
				found.Error = "error parsing: " + err.Error()
			}
			return found
		}
		document.Raw = bytes.TrimSpace(document.Raw)
		if len(document.Raw) == 0 || bytes.Equal(document.Raw, []byte("null")) {
			continue
		}
		value, err := canonical(document.Raw)
		if err != nil {
			found.Error = "error decoding: " + err.Error()
			return found
		}
		found.Documents = append(found.Documents, value)
	}
}

// canonical gives one spelling to what means the same: keys in order, the last of those that are there twice.
func canonical(raw []byte) (json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	var spelled bytes.Buffer
	encoder := json.NewEncoder(&spelled)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(spelled.Bytes()), nil
}

func encoded(found answer) []byte {
	size := 0
	for _, document := range found.Documents {
		size += len(document)
	}
	if size > largest {
		found.Documents = nil
	}
	var reply bytes.Buffer
	encoder := json.NewEncoder(&reply)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(found); err != nil {
		panic(err)
	}
	return reply.Bytes()
}
