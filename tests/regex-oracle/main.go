// Command regex-oracle answers what Go's regexp package makes of patterns.
//
// It reads lines of JSON from standard input, each a question: a pattern, texts, and a template. For each it writes a line
// of JSON: why the pattern is refused, or the names of its groups and, for each text, the positions of the first match and
// its groups, what the template expands to there, and the text with every match replaced. With the argument `tables` it
// prints the Unicode tables that Go's regexp uses, one per line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
)

type question struct {
	Pattern  string   `json:"pattern"`
	Texts    []string `json:"texts"`
	Template string   `json:"template"`
}

type answer struct {
	Error string   `json:"error,omitempty"`
	Names []string `json:"names,omitempty"`
	Texts []found  `json:"texts,omitempty"`
}

type found struct {
	// Start and end of the match and of each group, -1 where a group takes no part; none where nothing matches.
	Positions []int  `json:"positions,omitempty"`
	Expanded  string `json:"expanded"`
	Replaced  string `json:"replaced"`
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "tables" {
		tables()
		return
	}
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
	compiled, err := regexp.Compile(asked.Pattern)
	if err != nil {
		return answer{Error: err.Error()}
	}
	result := answer{Names: compiled.SubexpNames()}
	for _, text := range asked.Texts {
		one := found{
			Positions: compiled.FindStringSubmatchIndex(text),
			Replaced:  compiled.ReplaceAllString(text, asked.Template),
		}
		if one.Positions != nil {
			one.Expanded = string(compiled.ExpandString(nil, asked.Template, text, one.Positions))
		}
		result.Texts = append(result.Texts, one)
	}
	return result
}
