package main

import (
	"strings"
	"testing"
)

func TestFindings(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing":       {"FROM scratch AS base\nCOPY a /a\nENTRYPOINT [\"/a\"]\n", ""},
		"casing":        {"FROM scratch as base\nCOPY a /a\n", "1: FromAsCasing"},
		"shell command": {"FROM alpine\nCMD run it\n", "2: JSONArgsRecommended"},
		"relative":      {"FROM alpine\nWORKDIR there\n", "2: WorkdirRelativePath"},
		"unknown stage": {"FROM scratch\nCOPY --from=9 a /a\n", "error: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			findings, err := check([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(findings, "\n")
			if test.want == "" && got != "" || !strings.HasPrefix(got, test.want) {
				t.Errorf("findings %q, want %q", got, test.want)
			}
		})
	}
}
