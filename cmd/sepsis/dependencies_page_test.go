package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var requiredModule = regexp.MustCompile(`(?m)^(?:require )?\t?([a-z][^\s]*\.[a-z]+/\S+) v\S+$`)

// TestTheDependenciesPageKnowsEveryModule that is required directly, and none of which the program is not made: what is for tests
// alone is imported by tests alone.
func TestTheDependenciesPageKnowsEveryModule(t *testing.T) {
	root := filepath.Join("..", "..")
	rows := strings.Split(page(t, "dependencies.md"), "\n")
	imported := importedOutsideTests(t, root)
	for _, folder := range []string{"", "tools"} {
		text, err := os.ReadFile(filepath.Join(root, folder, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		required := requiredModule.FindAllStringSubmatch(string(text), -1)
		if len(required) < 5 {
			t.Fatalf("%s: %d modules are required", filepath.Join(folder, "go.mod"), len(required))
		}
		for _, module := range required {
			row := rowOf(module[1], rows)
			if row == "" {
				t.Errorf("docs/dependencies.md does not list %s of %s", module[1], filepath.Join(folder, "go.mod"))
				continue
			}
			if onlyTests := strings.Contains(row, "tests only"); folder == "" && onlyTests == imported(module[1]) {
				t.Errorf("docs/dependencies.md: tests only is %t of %s", onlyTests, module[1])
			}
		}
	}
}

// rowOf is the row whose first cell names the module, or "".
func rowOf(module string, rows []string) string {
	for _, row := range rows {
		cells := strings.Split(row, "|")
		if len(cells) < 4 {
			continue
		}
		for word := range strings.FieldsSeq(cells[1]) {
			if strings.Trim(word, ",") == module {
				return row
			}
		}
	}
	return ""
}

// importedOutsideTests tells whether a file of this module that is no test imports a package of another module.
func importedOutsideTests(t *testing.T, root string) func(module string) bool {
	t.Helper()
	var sources strings.Builder
	tree := os.DirFS(root)
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(path, ".") && path != "." || path == "bin" || path == "tools" || entry.Name() == "node_modules") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(tree, path)
		sources.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text := sources.String()
	return func(module string) bool {
		return strings.Contains(text, `"`+module+`"`) || strings.Contains(text, `"`+module+`/`)
	}
}
