package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Numbers are hexadecimal. A range is `first-last/step`; one character stands alone, and a step of 1 is left out. A mapping is
// such a range, `=` and what its first character is mapped to; the others keep the distance.
func tables() {
	fmt.Printf("# Unicode %s as Go has it; `PROMWIRE_UPDATE=1 cargo test --test regex_oracle` writes this file.\n", unicode.Version)
	print := func(kind string, tables map[string]*unicode.RangeTable) {
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			// A category of one letter is made of those that begin with it.
			if kind == "script" || len(name) == 2 {
				fmt.Println(kind, name, ranges(tables[name]))
			}
		}
	}
	print("category", unicode.Categories)
	print("script", unicode.Scripts)
	for _, name := range slices.Sorted(maps.Keys(unicode.CategoryAliases)) {
		fmt.Println("alias", name, unicode.CategoryAliases[name])
	}
	// The next character that is equal when case is ignored; the last one leads back to the first.
	fmt.Println("mapping fold", mapping(unicode.SimpleFold))
	fmt.Println("mapping lower", mapping(unicode.ToLower))
	fmt.Println("mapping upper", mapping(unicode.ToUpper))
}

func mapping(to func(rune) rune) string {
	var texts []string
	first, last, step := rune(-1), rune(-1), rune(0)
	flush := func() {
		text := fmt.Sprintf("%x", first)
		if last != first {
			text += fmt.Sprintf("-%x", last)
		}
		if step > 1 {
			text += fmt.Sprintf("/%x", step)
		}
		texts = append(texts, text+fmt.Sprintf("=%x", to(first)))
	}
	for from := rune(0); from <= unicode.MaxRune; from++ {
		if to(from) == from {
			continue
		}
		follows := first >= 0 && to(from)-from == to(first)-first && from-last <= 2 && (step == 0 || from-last == step)
		if follows {
			last, step = from, from-last
			continue
		}
		if first >= 0 {
			flush()
		}
		first, last, step = from, from, 0
	}
	flush()
	return strings.Join(texts, " ")
}

func ranges(table *unicode.RangeTable) string {
	var texts []string
	add := func(first, last, step uint32) {
		switch {
		case first == last:
			texts = append(texts, fmt.Sprintf("%x", first))
		case step == 1:
			texts = append(texts, fmt.Sprintf("%x-%x", first, last))
		default:
			texts = append(texts, fmt.Sprintf("%x-%x/%x", first, last, step))
		}
	}
	for _, r := range table.R16 {
		add(uint32(r.Lo), uint32(r.Hi), uint32(r.Stride))
	}
	for _, r := range table.R32 {
		add(r.Lo, r.Hi, r.Stride)
	}
	return strings.Join(texts, " ")
}
