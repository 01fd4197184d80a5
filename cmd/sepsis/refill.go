package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// refilled is a document with other content between two markers, each on a line of its own.
func refilled(path, begin, end, content string) ([]byte, error) {
	document, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	filled, err := between(string(document), begin, end, content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return []byte(filled), nil
}

// between replaces what stands between two markers, each on a line of its own.
func between(document, begin, end, content string) (string, error) {
	before, rest, found := strings.Cut(document, begin+"\n")
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", errors.New("the lines " + begin + " and, below it, " + end + " are needed: the tables go between them")
	}
	return before + begin + "\n" + content + end + after, nil
}
