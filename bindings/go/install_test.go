package boucle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The module is installed as source, without its tests. The examples stay: go doc shows them.
func TestInstall_leaves_out_the_tests(t *testing.T) {
	build, err := os.ReadFile("meson.build")
	if err != nil {
		t.Fatal(err)
	}
	tests, _ := filepath.Glob("*_test.go")
	for _, name := range tests {
		if name != "example_test.go" && !strings.Contains(string(build), "'"+name+"'") {
			t.Error(name, "is not in exclude_files of meson.build")
		}
	}
}
