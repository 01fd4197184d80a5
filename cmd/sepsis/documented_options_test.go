package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var (
	shellBlock  = regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```$")
	anyBlock    = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	codeSpan    = regexp.MustCompile("`([^`]+)`")
	programCall = regexp.MustCompile(`(?:^|[ /(])(?:sepsis|as_service) ([a-z].*)`)
	optionWord  = regexp.MustCompile(`(?:^|[ \[])--([a-z][a-z0-9-]*)`)
	quotedText  = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	// A pipe ends a command; in a table and in brackets it divides what may be chosen.
	nextCommand = regexp.MustCompile(` \| |[;&>#]`)
)

// otherPrograms have these options, which documents name alone: .ci/french.py, the recipe of docs/spark.md and Docker.
var otherPrograms = []string{"write", "workers", "stop-timeout"}

// TestDocumentsNameOptionsThatExist: an option in a command is one of that command, and one that stands alone is one of some command.
func TestDocumentsNameOptionsThatExist(t *testing.T) {
	parser, err := newParser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	known, some := map[string]map[string]bool{}, map[string]bool{"help": true}
	for _, name := range otherPrograms {
		some[name] = true
	}
	commands(parser.Model.Node, "", func(path string, node *kong.Node) {
		known[path] = map[string]bool{"help": true}
		for _, flag := range flags(node) {
			known[path][flag.Name], some[flag.Name] = true, true
			if flag.Tag.Negatable != "" {
				known[path]["no-"+flag.Name], some["no-"+flag.Name] = true, true
			}
		}
	})
	checked := 0
	for _, path := range documents(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range codeIn(string(text)) {
			line = quotedText.ReplaceAllString(line, "X")
			options, where := some, "any command"
			if call := programCall.FindStringSubmatch(line); call != nil {
				line = nextCommand.Split(call[1], 2)[0]
				where = commandOf(line, known)
				options = known[where]
			} else if !strings.HasPrefix(line, "--") {
				continue // another program's
			}
			for _, name := range optionWord.FindAllStringSubmatch(line, -1) {
				checked++
				if !options[name[1]] {
					t.Errorf("%s: --%s is no option of %s: %s", path, name[1], where, line)
				}
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d options were found in the documents", checked)
	}
}

// commandOf is the longest name of a command with which a line begins, "" when it begins with none.
func commandOf(line string, known map[string]map[string]bool) string {
	path := ""
	for word := range strings.FieldsSeq(line) {
		next := strings.TrimSpace(path + " " + word)
		if known[next] == nil {
			break
		}
		path = next
	}
	return path
}

// codeIn is each line of the shell's blocks, continued ones joined, and each span of code outside of blocks.
func codeIn(text string) []string {
	var lines []string
	for _, block := range shellBlock.FindAllStringSubmatch(text, -1) {
		lines = append(lines, strings.Split(strings.ReplaceAll(block[1], "\\\n", " "), "\n")...)
	}
	for _, span := range codeSpan.FindAllStringSubmatch(anyBlock.ReplaceAllString(text, ""), -1) {
		lines = append(lines, span[1])
	}
	return lines
}

func documents(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/fr/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no documents (%v)", pattern, err)
		}
		paths = append(paths, found...)
	}
	return paths
}
