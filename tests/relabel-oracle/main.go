// Command relabel-oracle answers what Prometheus' own code makes of relabel rules.
//
// It reads lines of JSON from standard input, each a question: the rules of a list as YAML, the validation scheme of names,
// and sets of labels in order. For each it writes a line of JSON: the first rule that is refused and why, or for each set the
// labels that are left, or that they were dropped.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"go.yaml.in/yaml/v2"
)

type question struct {
	// Each a rule as YAML.
	Rules  []string      `json:"rules"`
	Scheme string        `json:"scheme"`
	Sets   [][][2]string `json:"sets"`
}

type answer struct {
	Rule    int       `json:"rule"`
	Error   string    `json:"error,omitempty"`
	Results []outcome `json:"results,omitempty"`
}

type outcome struct {
	Dropped bool              `json:"dropped"`
	Labels  map[string]string `json:"labels"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var asked question
			if err := json.Unmarshal(line, &asked); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(2)
			}
			text, err := json.Marshal(consider(asked))
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

func consider(asked question) answer {
	scheme := model.UTF8Validation
	if asked.Scheme == "legacy" {
		scheme = model.LegacyValidation
	}
	var rules []*relabel.Config
	for index, text := range asked.Rules {
		rule := new(relabel.Config)
		err := yaml.UnmarshalStrict([]byte(text), rule)
		if err == nil {
			err = rule.Validate(scheme)
		}
		if err != nil {
			return answer{Rule: index, Error: err.Error()}
		}
		rules = append(rules, rule)
	}
	var result answer
	for _, set := range asked.Sets {
		// As Prometheus fills the labels of a target.
		builder := labels.NewBuilder(labels.EmptyLabels())
		for _, pair := range set {
			builder.Set(pair[0], pair[1])
		}
		kept := relabel.ProcessBuilder(builder, rules...)
		left := map[string]string{}
		builder.Range(func(label labels.Label) { left[label.Name] = label.Value })
		result.Results = append(result.Results, outcome{Dropped: !kept, Labels: left})
	}
	return result
}
