package main

import (
	"fmt"
	"strconv"
	"strings"
)

// The scenario language as a tree.

type wordKind int

const (
	wordText wordKind = iota
	wordInt
	wordNone
	wordVariable
	wordCall
)

type word struct {
	text      string // as written
	kind      wordKind
	integer   int
	name      string // of a variable, without the $; of a call, without the arguments
	arguments []word
}

type clause struct {
	kind  string
	block []*node
}

type node struct {
	kind                string // "" for statements
	words               []word
	operation           string
	target              string
	show                bool
	body, orelse, final []*node
	clauses             []clause
}

type definition struct {
	name, label string
	parameters  []string
	block       []*node
}

type scenario struct {
	bodies, callbacks map[string]*definition
	main              []*node
}

type parser struct {
	lines [][]string
	next  int
}

func parseWord(text string) word {
	w := word{text: text}
	if open := strings.IndexByte(text, '('); open >= 0 {
		w.kind, w.name = wordCall, text[:open]
		for _, argument := range strings.Split(strings.TrimRight(text[open+1:], ")"), ",") {
			if argument != "" {
				w.arguments = append(w.arguments, parseWord(argument))
			}
		}
	} else if strings.HasPrefix(text, "$") {
		w.kind, w.name = wordVariable, text[1:]
	} else if text == "None" {
		w.kind = wordNone
	} else if i, err := strconv.Atoi(text); err == nil {
		w.kind, w.integer = wordInt, i
	}
	return w
}

func parseWords(texts []string) []word {
	words := make([]word, len(texts))
	for i, text := range texts {
		words[i] = parseWord(text)
	}
	return words
}

// parseScenario panics on what is no scenario.
func parseScenario(text string) *scenario {
	p := &parser{}
	for _, line := range strings.Split(text, "\n") {
		if words := strings.Fields(line); len(words) > 0 && words[0][0] != '#' {
			p.lines = append(p.lines, words)
		}
	}
	s := &scenario{bodies: map[string]*definition{}, callbacks: map[string]*definition{}}
	for p.next < len(p.lines) {
		line := p.lines[p.next]
		p.next++
		switch line[0] {
		case "body":
			s.bodies[line[1]] = p.definition(line, line[1])
		case "callback":
			s.callbacks[line[1]] = p.definition(line, "@"+line[1])
		case "main":
			s.main, _ = p.block("end")
		default:
			panic(fmt.Sprint("expected body, callback or main: ", line))
		}
	}
	return s
}

func (p *parser) definition(line []string, label string) *definition {
	block, _ := p.block("end")
	return &definition{line[1], label, line[2:], block}
}

// block parses up to a line that starts with one of the stops, and returns that line.
func (p *parser) block(stops ...string) (nodes []*node, stop []string) {
	for {
		line := p.lines[p.next]
		p.next++
		for _, s := range stops {
			if line[0] == s {
				return nodes, line
			}
		}
		nodes = append(nodes, p.node(line))
	}
}

func (p *parser) node(line []string) *node {
	switch line[0] {
	case "loop", "timeout", "with", "taskgroup":
		n := &node{kind: line[0], words: parseWords(line[1:])}
		n.body, _ = p.block("end")
		return n
	case "if":
		n := &node{kind: "if", words: parseWords(line[1:])}
		var stop []string
		if n.body, stop = p.block("else", "end"); stop[0] == "else" {
			n.orelse, _ = p.block("end")
		}
		return n
	case "try":
		return p.try()
	}
	n := &node{}
	if len(line) > 2 && line[1] == "=" {
		n.target, line = line[0], line[2:]
	} else if len(line) > 1 && line[0] == "show" {
		n.show, line = true, line[1:]
	}
	n.operation, n.words = line[0], parseWords(line[1:])
	return n
}

func (p *parser) try() *node {
	n := &node{kind: "try"}
	var stop []string
	n.body, stop = p.block("except", "else", "finally", "end")
	for stop[0] == "except" {
		c := clause{kind: stop[1]}
		c.block, stop = p.block("except", "else", "finally", "end")
		n.clauses = append(n.clauses, c)
	}
	if stop[0] == "else" {
		n.orelse, stop = p.block("finally", "end")
	}
	if stop[0] == "finally" {
		n.final, _ = p.block("end")
	}
	return n
}
