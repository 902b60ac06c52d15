// Command kustomize-oracle answers what kustomize's own code makes of a folder with a kustomization.
//
// It reads lines of JSON from standard input, each a question: the files of a tree and the folder to build. For each it writes
// a line of JSON: the objects in their order, or why kustomize refuses to build them. Nothing is read from disk or network.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type question struct {
	Files  map[string]string `json:"files"`
	Folder string            `json:"folder"`
}

type answer struct {
	Error   string           `json:"error,omitempty"`
	Objects []map[string]any `json:"objects,omitempty"`
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
	files := filesys.MakeFsInMemory()
	for name, text := range asked.Files {
		if err := files.MkdirAll("/" + path.Dir(name)); err != nil {
			return answer{Error: err.Error()}
		}
		if err := files.WriteFile("/"+name, []byte(text)); err != nil {
			return answer{Error: err.Error()}
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, "/"+asked.Folder)
	if err != nil {
		return answer{Error: err.Error()}
	}
	var answered answer
	for _, resource := range built.Resources() {
		object, err := resource.Map()
		if err != nil {
			return answer{Error: err.Error()}
		}
		answered.Objects = append(answered.Objects, object)
	}
	return answered
}
