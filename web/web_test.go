package web_test

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/web"
)

func open(t *testing.T) web.Page {
	t.Helper()
	page, err := web.Open()
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func asset(t *testing.T, page web.Page, name string) string {
	t.Helper()
	i := slices.IndexFunc(page.Assets, func(f web.File) bool { return path.Base(f.Path) == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return string(page.Assets[i].Body)
}

func TestCataloguesHaveTheSameKeys(t *testing.T) {
	page := open(t)
	var french, english map[string]string
	for name, catalogue := range map[string]*map[string]string{"fr.json": &french, "en.json": &english} {
		if err := json.Unmarshal([]byte(asset(t, page, name)), catalogue); err != nil {
			t.Fatal(name, err)
		}
	}
	hole := regexp.MustCompile(`\{\w+\}`)
	for key, words := range french {
		other, there := english[key]
		if !there || words == "" || other == "" {
			t.Errorf("%s: %q in French, %q in English", key, words, other)
		}
		holes := func(text string) []string {
			found := hole.FindAllString(text, -1)
			slices.Sort(found)
			return slices.Compact(found)
		}
		if !slices.Equal(holes(words), holes(other)) {
			t.Errorf("%s has other holes in English: %q, %q", key, words, other)
		}
		if strings.Count(words, "|") != strings.Count(other, "|") {
			t.Errorf("%s has a plural in one language alone", key)
		}
	}
	if len(french) != len(english) {
		t.Errorf("%d keys in French, %d in English", len(french), len(english))
	}
}

// TestFrenchServiceIsAWard: in a French hospital a "service" is a ward. What answers the page is another thing, and has another name.
func TestFrenchServiceIsAWard(t *testing.T) {
	page := open(t)
	var french, english map[string]string
	for name, catalogue := range map[string]*map[string]string{"fr.json": &french, "en.json": &english} {
		if err := json.Unmarshal([]byte(asset(t, page, name)), catalogue); err != nil {
			t.Fatal(name, err)
		}
	}
	ward := regexp.MustCompile(`(?i)\bward|^In use$`)
	for key, words := range french {
		if strings.Contains(strings.ToLower(words), "service") && !ward.MatchString(english[key]) {
			t.Errorf("%s: %q is no ward: %q", key, words, english[key])
		}
	}
}

// TestFrenchPunctuationStaysWithItsWord: what French sets a blank before never begins a line. The keys of the card are English.
func TestFrenchPunctuationStaysWithItsWord(t *testing.T) {
	page := open(t)
	alone := regexp.MustCompile(`.{0,20}(?: [:;?!»%]|« ).{0,20}`)
	for _, name := range []string{"fr.json", "card-fr.json"} {
		var french map[string]string
		if err := json.Unmarshal([]byte(asset(t, page, name)), &french); err != nil {
			t.Fatal(name, err)
		}
		for key, words := range french {
			for _, found := range alone.FindAllString(words, -1) {
				t.Errorf("%s: %q has a blank that breaks, in %q", name, found, key)
			}
		}
	}
}

// TestTheDocumentSpeaksAsThePage: what docs/page.md and its translation say of an answer is in the words of the page.
func TestTheDocumentSpeaksAsThePage(t *testing.T) {
	page := open(t)
	for document, name := range map[string]string{"page.md": "en.json", "fr/page.md": "fr.json"} {
		var words map[string]string
		if err := json.Unmarshal([]byte(asset(t, page, name)), &words); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join("..", "docs", document))
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range []string{"calm", "watch", "alert", "unjudged"} {
			if row := "\n| " + words["state."+state] + " |"; !strings.Contains(string(text), row) {
				t.Errorf("docs/%s does not explain %q", document, words["state."+state])
			}
		}
		for _, key := range []string{"reliability.title", "level.good", "level.limited", "level.indeterminate", "drivers.title"} {
			if !strings.Contains(string(text), words[key]) {
				t.Errorf("docs/%s does not speak of %q", document, words[key])
			}
		}
	}
}

// TestPageHoldsToThePolicy finds what the Content-Security-Policy would refuse, and what would come from elsewhere.
func TestPageHoldsToThePolicy(t *testing.T) {
	page := open(t)
	files := append([]web.File{page.Document}, page.Assets...)
	refused := regexp.MustCompile(`(?i)<style|<script>|\son\w+="|\sstyle="|javascript:|innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function|@import`)
	elsewhere := regexp.MustCompile(`(?:src|href)="https?:|from 'https?:|import\('https?:|fetch\('https?:`)
	for _, file := range files {
		for _, pattern := range []*regexp.Regexp{refused, elsewhere} {
			if found := pattern.Find(file.Body); found != nil {
				t.Errorf("%s holds %s", file.Path, found)
			}
		}
		if path.Ext(file.Path) == ".css" && strings.Contains(string(file.Body), "url(") {
			t.Errorf("%s fetches a picture or a font", file.Path)
		}
	}
}

// TestEveryImportIsThere follows the modules from each to each, and what page.html asks for beforehand.
func TestEveryImportIsThere(t *testing.T) {
	page := open(t)
	paths := map[string]bool{}
	for _, file := range page.Assets {
		paths[file.Path] = true
	}
	imports := regexp.MustCompile(`(?:from |import\(|new URL\()'\./([\w.-]+)'`)
	for _, file := range page.Assets {
		if path.Ext(file.Path) != ".js" {
			continue
		}
		for _, found := range imports.FindAllSubmatch(file.Body, -1) {
			if wanted := path.Join(path.Dir(file.Path), string(found[1])); !paths[wanted] {
				t.Errorf("%s needs %s", file.Path, wanted)
			}
		}
	}
	for _, found := range regexp.MustCompile(`="(/assets/[^"]+)"`).FindAllSubmatch(page.Document.Body, -1) {
		if !paths[string(found[1])] {
			t.Errorf("the page needs %s", found[1])
		}
	}
}
