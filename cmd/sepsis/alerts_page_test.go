package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTheOperationsPageListsTheAlerts that the rules have, in their order and as they tell them: each with what to do.
func TestTheOperationsPageListsTheAlerts(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "monitoring", "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	rules := strings.Split(string(text), "- alert: ")[1:]
	if len(rules) == 0 {
		t.Fatal("there are no rules")
	}
	rule := regexp.MustCompile(`(?s)^(\w+)\n.* labels: \{severity: (\w+)\}\n.* summary: "(.+?)"\n +description: "(.+?)"\n`)
	var want []string
	for _, told := range rules {
		parts := rule.FindStringSubmatch(told)
		if parts == nil {
			t.Errorf("a rule without severity, summary or description, which says what to do:\n%s", told)
			continue
		}
		summary := strings.ReplaceAll(parts[3], "{{ $labels.input }}", "An input")
		want = append(want, "| `"+parts[1]+"` | "+strings.Join([]string{parts[2], summary, parts[4]}, " | ")+" |")
	}
	got := regexp.MustCompile("(?m)^\\| `Sepsis\\w+` \\|.*$").FindAllString(page(t, "operations.md"), -1)
	if !slices.Equal(got, want) {
		t.Errorf("docs/operations.md lists\n%s\nthe rules have\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
