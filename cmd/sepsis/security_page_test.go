package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTheSecurityPageKnowsEveryOption that says who may call, and how much.
func TestTheSecurityPageKnowsEveryOption(t *testing.T) {
	parser, err := kong.New(&accessOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text := page(t, "security.md")
	for _, flag := range parser.Model.Flags {
		if flag.Name != "help" && !strings.Contains(text, "--"+flag.Name) {
			t.Errorf("docs/security.md does not tell of --%s", flag.Name)
		}
	}
	for _, flag := range parser.Model.Flags {
		told, counts := defaultsTold[flag.Name]
		if counts && (!strings.Contains(text, told) || strings.TrimSuffix(flag.Default, "s") != strings.ReplaceAll(firstWord(told), ",", "")) {
			t.Errorf("docs/security.md should say %q of --%s, whose default is %s", told, flag.Name, flag.Default)
		}
	}
}

// defaultsTold is how the page puts the defaults into words; each begins with the number.
var defaultsTold = map[string]string{
	"rate": "200 a second", "burst": "400 at once", "max-in-flight": "256 requests", "max-connections": "16,384", "key-grace": "10 seconds",
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

// TestTheThreatModelNamesTestsThatExist: a line whose proof has gone is a promise without one.
func TestTheThreatModelNamesTestsThatExist(t *testing.T) {
	var tests strings.Builder
	for _, folder := range []string{"access", "atomicfile", "audit", "cdsclient", "fhir", "keyset", "server", "sqlstore", filepath.Join("cmd", "sepsis")} {
		files, err := filepath.Glob(filepath.Join("..", "..", folder, "*_test.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no tests (%v)", folder, err)
		}
		for _, path := range files {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(text)
		}
	}
	named := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(page(t, "threat-model.md"), -1)
	if len(named) < 40 {
		t.Fatalf("%d tests are named", len(named))
	}
	for _, name := range named {
		if !strings.Contains(tests.String(), "func "+name[1]+"(t *testing.T)") {
			t.Errorf("docs/threat-model.md names %s, and there is no such test", name[1])
		}
	}
}
