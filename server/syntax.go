package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/medtech-detect/sepsis"
)

var errTrailing = errors.New("more after the end")

// notJSON are words that some programs write for a missing number and that JSON does not have.
var notJSON = []string{"NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "None", "undefined"}

// byteOrderMark is with what some programs begin UTF-8, and JSON must not (RFC 8259, section 8.1).
var byteOrderMark = []byte("\xef\xbb\xbf")

const withoutMark = "send UTF-8 without a byte order mark"

// syntaxProblem is the one problem of a body that cannot be read. It tells the place, never the text.
func syntaxProblem(body []byte, err error, example string) sepsis.Problem {
	problem := sepsis.Problem{Location: "body", Code: sepsis.InvalidJSON}
	syntax, isSyntax := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		problem.Message, problem.Hint = "the body is empty", "send an object such as "+example
	case bytes.HasPrefix(body, byteOrderMark):
		problem.Message, problem.Hint = "the body begins with a byte order mark", withoutMark
	case errors.Is(err, errTrailing):
		problem.Message, problem.Hint = "something follows the end of the JSON value", "send one object"
	case errors.Is(err, errTooDeep):
		problem.Message = fmt.Sprintf("the body is nested deeper than %d levels, deeper than any valid body", maxDepth)
		problem.Hint = fhirHint
	case !utf8.Valid(body):
		problem.Message = "the body is not valid UTF-8 at " + place(body, invalidUTF8(body))
	case errors.Is(err, io.ErrUnexpectedEOF):
		problem.Message = "the body ends too early, at " + place(body, len(body))
	case isSyntax:
		offset := min(int(syntax.ByteOffset), len(body))
		problem.Message, problem.Hint = "the body is not JSON at "+place(body, offset), wordHint(body[offset:])
	default:
		problem.Message = "the body is not JSON"
	}
	return problem
}

// place names an offset as people count: line and column from 1, columns in characters.
func place(body []byte, offset int) string {
	before := body[:offset]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d (byte %d)", line, column, offset)
}

func invalidUTF8(body []byte) int {
	for i := 0; i < len(body); {
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(body)
}

// wordHint tells what to do about that at which JSON breaks off; empty when it is not known.
func wordHint(rest []byte) string {
	if bytes.HasPrefix(rest, byteOrderMark) {
		return withoutMark
	}
	text := strings.TrimLeft(string(rest[:min(len(rest), 16)]), " \t\r\n:,")
	for _, word := range notJSON {
		if strings.HasPrefix(text, word) {
			return word + " is not JSON; leave out what was not measured, or send null"
		}
	}
	return ""
}
