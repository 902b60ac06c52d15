// Command go-oracle answers what Kubernetes' own code makes of YAML.
//
// It reads lines from standard input, each a stream in base64, and writes for each a line of JSON: the documents in
// it, cut as kubectl cuts them (k8s.io/apimachinery's NewYAMLReader, or NewYAMLOrJSONDecoder for what begins with
// `{`) and converted as Kubernetes converts them (sigs.k8s.io/yaml). Where the stream cannot be cut any further, "separator" says why.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v2"
)

type document struct {
	JSON  json.RawMessage `json:"json,omitempty"`
	Error string          `json:"error,omitempty"`
	// Accepted, but nested deeper than the asker's JSON reader goes; the JSON is left out.
	Deep bool `json:"deep,omitempty"`
	// Two keys of one mapping have the same name in JSON: which one Go keeps is random.
	Collision bool `json:"collision,omitempty"`
}

type answer struct {
	Documents []document `json:"documents"`
	Separator string     `json:"separator,omitempty"`
	// The stream began as JSON, and its last document could not be read: kubectl stops there.
	Stopped bool `json:"stopped,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			stream, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(line)))
			if err != nil {
				fmt.Fprintln(os.Stderr, "not base64:", err)
				os.Exit(2)
			}
			text, err := json.Marshal(read(stream))
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(2)
			}
			out.Write(text)
			out.WriteByte('\n')
		}
		if err != nil {
			return
		}
	}
}

func read(stream []byte) answer {
	if utilyaml.IsJSONBuffer(stream) {
		return readJSON(stream)
	}
	result := answer{Documents: []document{}}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return result
		}
		if err != nil {
			result.Separator = err.Error()
			return result
		}
		result.Documents = append(result.Documents, convert(text))
	}
}

// A stream that begins with `{` goes through the decoder kubectl uses, which tries JSON first.
func readJSON(stream []byte) answer {
	result := answer{Documents: []document{}}
	// Which of the documents is the one, if any, cannot be told from the outside.
	collision := anyCollides(stream)
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(stream), 4096)
	for {
		var raw json.RawMessage
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return result
		}
		if len(raw) == 0 {
			raw = json.RawMessage("null")
		}
		// What kubectl's next step makes of numbers out of range.
		var value any
		if err == nil {
			err = utiljson.Unmarshal(raw, &value)
		}
		// The same text with Go's strings, and the numbers as they were.
		if err == nil {
			numbers := json.NewDecoder(bytes.NewReader(raw))
			numbers.UseNumber()
			if err = numbers.Decode(&value); err == nil {
				raw, err = json.Marshal(value)
			}
		}
		if err != nil {
			result.Documents = append(result.Documents, document{Error: err.Error()})
			result.Stopped = true
			return result
		}
		if nesting(raw) > 100 {
			result.Documents = append(result.Documents, document{Deep: true})
		} else {
			result.Documents = append(result.Documents, document{JSON: raw, Collision: collision})
		}
	}
}

func anyCollides(stream []byte) bool {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for {
		text, err := reader.Read()
		if err != nil {
			return false
		}
		var value any
		if goyaml.Unmarshal(text, &value) == nil && collides(value) {
			return true
		}
	}
}

func convert(text []byte) (result document) {
	// A panic of the parser is a refusal too; kubectl would crash.
	defer func() {
		if reason := recover(); reason != nil {
			result = document{Error: fmt.Sprint("panic: ", reason)}
		}
	}()
	var value any
	collision := goyaml.Unmarshal(text, &value) == nil && collides(value)
	converted, err := yaml.YAMLToJSON(text)
	if err != nil {
		return document{Error: err.Error(), Collision: collision}
	}
	if nesting(converted) > 100 {
		return document{Deep: true}
	}
	return document{JSON: converted, Collision: collision}
}

// How deep brackets are nested, those inside strings left aside.
func nesting(text []byte) (deepest int) {
	depth, quoted := 0, false
	for at := 0; at < len(text); at++ {
		switch {
		case quoted && text[at] == '\\':
			at++
		case text[at] == '"':
			quoted = !quoted
		case quoted:
		case text[at] == '[' || text[at] == '{':
			depth++
			deepest = max(deepest, depth)
		case text[at] == ']' || text[at] == '}':
			depth--
		}
	}
	return deepest
}

func collides(value any) bool {
	switch value := value.(type) {
	case map[any]any:
		names := make(map[string]bool, len(value))
		for key, inner := range value {
			name := name(key)
			if names[name] || collides(inner) {
				return true
			}
			names[name] = true
		}
	case []any:
		for _, inner := range value {
			if collides(inner) {
				return true
			}
		}
	}
	return false
}

// The name sigs.k8s.io/yaml gives a key.
func name(key any) string {
	switch key := key.(type) {
	case float64:
		return strconv.FormatFloat(key, 'g', -1, 32)
	default:
		return fmt.Sprint(reflect.ValueOf(key))
	}
}
