// scenario FILE             prints the trace
// scenario --check PATH...  compares with the .trace beside each .scn
// scenario --tap PATH...    the same, a line for each scenario in the Test Anything Protocol
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1][0] != '-':
		fmt.Print(trace(os.Args[1]))
	case len(os.Args) > 2 && (os.Args[1] == "--check" || os.Args[1] == "--tap"):
		os.Exit(check(os.Args[1] == "--tap", corpus(os.Args[2:])))
	default:
		fmt.Fprintln(os.Stderr, "usage: scenario FILE\n       scenario --check|--tap PATH...")
		os.Exit(2)
	}
}

func trace(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return runScenario(parseScenario(string(text)))
}

func corpus(paths []string) (files []string) {
	for _, path := range paths {
		if found, _ := filepath.Glob(filepath.Join(path, "*.scn")); len(found) > 0 {
			sort.Strings(found)
			files = append(files, found...)
		} else {
			files = append(files, path)
		}
	}
	return files
}

func check(tap bool, files []string) int {
	passed, failed := 0, 0
	for i, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".scn")
		verdict := "ok"
		if expected, _ := os.ReadFile(strings.TrimSuffix(file, ".scn") + ".trace"); within(file) == string(expected) {
			passed++
		} else {
			failed++
			verdict = "not ok"
			if !tap {
				fmt.Println("---", file)
			}
		}
		if tap {
			fmt.Printf("%s %d - %s\n", verdict, i+1, name)
		}
	}
	if tap {
		fmt.Printf("1..%d\n", len(files))
	} else {
		fmt.Printf("%d passed, %d failed\n", passed, failed)
	}
	if failed > 0 || passed == 0 {
		return 1
	}
	return 0
}

// within runs the scenario, which must not take long.
func within(file string) string {
	done := make(chan string, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Sprint("panic: ", r)
			}
		}()
		done <- trace(file)
	}()
	select {
	case text := <-done:
		return text
	case <-time.After(20 * time.Second):
		return "hangs"
	}
}
