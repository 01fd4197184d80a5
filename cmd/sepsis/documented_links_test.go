package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	linkTarget  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingLine = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// TestLinksInDocumentsLeadSomewhere: to a file of the repository and, where they name one, to a heading in it.
func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	checked := 0
	for _, path := range allDocuments(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range linkTarget.FindAllStringSubmatch(anyBlock.ReplaceAllString(string(text), ""), -1) {
			if strings.Contains(link[1], "://") || strings.HasPrefix(link[1], "mailto:") {
				continue
			}
			checked++
			file, heading, _ := strings.Cut(link[1], "#")
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), filepath.FromSlash(file))
			}
			if problem := leads(target, heading); problem != "" {
				t.Errorf("%s: %s: %s", path, link[1], problem)
			}
		}
	}
	if checked < 150 {
		t.Errorf("only %d links were found in the documents", checked)
	}
}

// leads says what is wrong with a link to a file and a heading in it, which may be "".
func leads(target, heading string) string {
	if _, err := os.Stat(target); err != nil {
		return "there is no such file"
	}
	if heading == "" {
		return ""
	}
	text, err := os.ReadFile(target)
	if err != nil {
		return err.Error()
	}
	for _, found := range headingLine.FindAllStringSubmatch(anyBlock.ReplaceAllString(string(text), ""), -1) {
		if anchorOf(found[1]) == heading {
			return ""
		}
	}
	return "there is no such heading"
}

// anchorOf is how GitHub names a heading: in small letters, without punctuation, with hyphens for blanks.
func anchorOf(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(heading))
}

func allDocuments(t *testing.T) []string {
	t.Helper()
	paths := documents(t)
	for _, pattern := range []string{"docs/adr/*.md", "clients/python/*.md", "gbdt/*.md", "deploy/*/*.md", "deploy/*/*/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	return paths
}

// TestTheFrontPageNamesFilesThatExist: where to change what is in this repository, or below the folder that the line names beside it.
func TestTheFrontPageNamesFilesThatExist(t *testing.T) {
	root := filepath.Join("..", "..")
	for name, title := range map[string]string{"README.md": "Where to change what", "README.fr.md": "Où changer quoi"} {
		checked := 0
		for line := range strings.Lines(frontPageSection(t, name, title)) {
			folders := []string{root}
			for _, span := range codeSpan.FindAllStringSubmatch(line, -1) {
				if !strings.ContainsAny(span[1], "./") {
					continue // a command
				}
				checked++
				exists := false
				for _, folder := range folders {
					_, err := os.Stat(filepath.Join(folder, span[1]))
					exists = exists || err == nil
				}
				if !exists {
					t.Errorf("%s names %s, which is not there", name, span[1])
				}
				folders = append(folders, filepath.Join(root, span[1]))
			}
		}
		if checked < 20 {
			t.Errorf("%s names only %d files", name, checked)
		}
	}
}
