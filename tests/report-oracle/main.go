// Command report-oracle judges what promwire prints, with the code and schemas of others.
//
// It reads one JSON object a line, {"kind": …, "text": …}, and answers {"error": …} for each; no error is null. Kinds:
//
//   - sarif: the JSON Schema of the OASIS standard, which is part of go-sarif, and go-sarif's own reader
//   - json: the JSON Schema in the file that the first argument names
//   - dot: Graphviz' grammar as Gonum reads it
//   - workflow: a GitHub workflow, by actionlint
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	standardSarif "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/rhysd/actionlint"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gonum.org/v1/gonum/graph/formats/dot"
)

type question struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ownText, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	own, err := compile("own.json", string(ownText))
	if err != nil {
		return err
	}
	standardText, err := standard()
	if err != nil {
		return err
	}
	sarif, err := compile("sarif.json", standardText)
	if err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<28)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var asked question
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			return err
		}
		var answer struct {
			Error *string `json:"error"`
		}
		if err := judge(asked, own, sarif); err != nil {
			text := err.Error()
			answer.Error = &text
		}
		if err := out.Encode(answer); err != nil {
			return err
		}
	}
	return in.Err()
}

func judge(asked question, own, sarif *jsonschema.Schema) error {
	switch asked.Kind {
	case "sarif":
		if err := validate(sarif, asked.Text); err != nil {
			return err
		}
		_, err := standardSarif.FromString(asked.Text)
		return err
	case "json":
		return validate(own, asked.Text)
	case "dot":
		_, err := dot.ParseString(asked.Text)
		return err
	case "workflow":
		return lint(asked.Text)
	}
	return fmt.Errorf("there is no kind %q", asked.Kind)
}

// standard is the schema in the source of go-sarif, which keeps it to itself.
func standard() (string, error) {
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		return "", err
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "pkg/report/v210/sarif/schema.go"))
	if err != nil {
		return "", err
	}
	parts := strings.Split(string(source), "`")
	if len(parts) != 3 {
		return "", errors.New("schema.go of go-sarif is another than it was")
	}
	return parts[1], nil
}

func compile(name, text string) (*jsonschema.Schema, error) {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(name, value); err != nil {
		return nil, err
	}
	return compiler.Compile(name)
}

func validate(schema *jsonschema.Schema, text string) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

func lint(text string) error {
	var said strings.Builder
	linter, err := actionlint.NewLinter(&said, &actionlint.LinterOptions{Oneline: true, Shellcheck: "", Pyflakes: ""})
	if err != nil {
		return err
	}
	found, err := linter.Lint("workflow.yaml", []byte(text), nil)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return errors.New(said.String())
	}
	return nil
}
