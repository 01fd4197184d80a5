package main

import (
	"path/filepath"
	"regexp"
	"strings"
)

// plainWord is what no shell takes for anything else.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9@%+=:,./_-]+$`)

// shellWord is a word of a recorded command as a shell reads it again (POSIX.1-2024, Shell Command Language, 2.2.2): in quotes where it needs them.
func shellWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// fileWord is a file's name in a recorded command, without the folders, which are nobody's business.
func fileWord(path string) string { return shellWord(filepath.Base(path)) }
